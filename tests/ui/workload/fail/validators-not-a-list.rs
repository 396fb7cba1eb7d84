use orket_runtime::prelude::*;

#[workload(validators = check)]
//                      ^^^^^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
