use orket_runtime::prelude::*;

#[workload(budget(output = 0))]
//                         ^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
