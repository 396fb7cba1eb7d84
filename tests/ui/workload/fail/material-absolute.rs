use orket_runtime::prelude::*;

#[workload(materials = ["/etc/passwd"])]
//                      ^^^^^^^^^^^^^ material.path
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
