use orket_runtime::prelude::*;

#[workload(plan = compile)]
//                ^^^^^^^ E0425
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
