use orket_runtime::prelude::*;

pub struct Input {}

#[workload]
pub fn hello(_: &mut WorkloadContext, _: Input) -> Result<WorkloadResult> {
//                                       ^^^^^ E0277
    WorkloadResult::ok(json!({}))
}

fn main() {}
