use orket_runtime::prelude::*;

fn summary(_: &std::path::Path) -> Value {
    json!({})
}

#[workload(summarize = summary)]
//                     ^^^^^^^ E0277
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
