use orket_runtime::prelude::*;

fn summary(_: &WorkloadResult) -> Result<Value> {
    Ok(json!({}))
}

#[workload(summarize = summary)]
//                     ^^^^^^^ E0631
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
