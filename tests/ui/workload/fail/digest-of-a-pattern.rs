use orket_runtime::prelude::*;

#[workload(materials = [("maps/*.bin", sha256 = "abababababababababababababababababababababababababababababababab")])]
//                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ material.path
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
