use orket_runtime::prelude::*;

#[workload(budget(messages = "1kB"))]
//                           ^^^^^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
