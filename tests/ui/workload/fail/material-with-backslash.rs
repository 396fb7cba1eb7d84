use orket_runtime::prelude::*;

#[workload(materials = ["maps\\a.bin"])]
//                      ^^^^^^^^^^^^^ material.path
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
