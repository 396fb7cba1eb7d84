use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext, _: Value, _: u8, _: u8) -> Result<WorkloadResult> {
//                                              ^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
