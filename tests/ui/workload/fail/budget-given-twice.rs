use orket_runtime::prelude::*;

#[workload(budget(time = "5s", time = "6s"))]
//                             ^^^^ option.duplicate
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
