use orket_runtime::prelude::*;

#[workload(budget(memory = "64M"))]
//                         ^^^^^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
