use orket_runtime::prelude::*;

#[workload(version = "1.2")]
//                   ^^^^^ manifest.bad-version
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
