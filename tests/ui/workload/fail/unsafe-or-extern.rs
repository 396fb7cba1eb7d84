use orket_runtime::prelude::*;

#[workload]
pub unsafe extern "C" fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
