use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut PlanContext) -> Result<WorkloadResult> {
//                   ^^^^^^^^^^^ E0277
    WorkloadResult::ok(json!({}))
}

fn main() {}
