use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &WorkloadContext) -> Result<WorkloadResult> {
//              ^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
