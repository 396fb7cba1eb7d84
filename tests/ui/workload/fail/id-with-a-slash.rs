use orket_runtime::prelude::*;

#[workload(id = "hello/world")]
//              ^^^^^^^^^^^^^ id.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
