use orket_runtime::prelude::*;

#[workload(replays = 5)]
//         ^^^^^^^ option.unknown
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
