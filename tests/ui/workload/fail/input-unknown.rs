use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext, _: Input) -> Result<WorkloadResult> {
//                                       ^^^^^ E0425
    WorkloadResult::ok(json!({}))
}

fn main() {}
