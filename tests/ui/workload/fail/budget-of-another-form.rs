use orket_runtime::prelude::*;

#[workload(budget(files = many))]
//                        ^^^^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
