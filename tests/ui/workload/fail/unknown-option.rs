use orket_runtime::prelude::*;

#[workload(ident = "hello", material = ["a"], capabilites = [])]
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
