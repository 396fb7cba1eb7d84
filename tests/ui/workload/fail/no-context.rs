use orket_runtime::prelude::*;

#[workload]
pub fn hello() -> Result<WorkloadResult> {
//     ^^^^^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
