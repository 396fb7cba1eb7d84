use orket_runtime::prelude::*;

#[workload(materials = [("map.bin", md5 = "00")])]
//                      ^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
