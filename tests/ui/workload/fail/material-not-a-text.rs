use orket_runtime::prelude::*;

#[workload(materials = [map])]
//                      ^^^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
