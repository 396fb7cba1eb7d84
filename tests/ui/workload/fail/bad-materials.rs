use orket_runtime::prelude::*;

#[workload(materials = ["../a", "/b", "c\\d", "", "e", "e", f])]
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
