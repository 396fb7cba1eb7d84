use orket_runtime::prelude::*;

#[workload(budget(memory = "1MiB"))]
//                         ^^^^^^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
