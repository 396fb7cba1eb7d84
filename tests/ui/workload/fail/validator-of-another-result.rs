use orket_runtime::prelude::*;

fn check(_: &WorkloadResult, _: &std::path::Path) -> bool {
    true
}

#[workload(validators = [check])]
//                       ^^^^^ E0277
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
