use orket_runtime::prelude::*;

#[workload(materials = [("map.bin", sha256 = "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB")])]
//                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
