use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
