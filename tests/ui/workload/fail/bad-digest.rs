use orket_runtime::prelude::*;

#[workload(materials = [("map.bin", sha256 = "ABC"), ("map.bin", md5 = "00")])]
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
