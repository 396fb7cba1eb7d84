use orket_runtime::prelude::*;

#[workload(material = ["a"])]
//         ^^^^^^^^ option.unknown
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
