use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> where u8: Copy {
//                                                              ^^^^^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
