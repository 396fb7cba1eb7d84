use orket_runtime::prelude::*;

#[workload(validators = [one::check, two::check])]
//                                   ^^^ option.duplicate
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
