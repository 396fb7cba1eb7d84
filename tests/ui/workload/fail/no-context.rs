use orket_runtime::prelude::*;

#[workload]
pub fn hello() -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
