use orket_runtime::prelude::*;

#[workload(capabilities = ["audio_ouput"])]
//                         ^^^^^^^^^^^^^ capability.unknown
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
