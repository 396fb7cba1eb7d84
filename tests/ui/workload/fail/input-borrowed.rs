use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext, _: &str) -> Result<WorkloadResult> {
//                                       ^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
