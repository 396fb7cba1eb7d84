use orket_runtime::prelude::*;

#[workload(budget(cpu = "1h"))]
//                      ^^^^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
