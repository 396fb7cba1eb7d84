use orket_runtime::prelude::*;

#[workload]
pub unsafe fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
//  ^^^^^^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
