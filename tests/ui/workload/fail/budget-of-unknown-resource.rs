use orket_runtime::prelude::*;

#[workload(budget(ram = "64MiB"))]
//                ^^^ option.unknown
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
