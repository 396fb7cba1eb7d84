use orket_runtime::prelude::*;

fn check(_: &WorkloadResult, _: &str) -> Vec<Issue> {
    Vec::new()
}

#[workload(validators = [check])]
//                       ^^^^^ E0631
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
