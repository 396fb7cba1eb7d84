use orket_runtime::prelude::*;

#[workload]
pub fn hello<T: Send>(_: &mut WorkloadContext, _: T) -> Result<WorkloadResult> {
//           ^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
