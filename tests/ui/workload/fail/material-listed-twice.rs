use orket_runtime::prelude::*;

#[workload(materials = ["map.bin", "map.bin"])]
//                                 ^^^^^^^^^ option.duplicate
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
