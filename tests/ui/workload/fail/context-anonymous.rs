use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut impl Send) -> Result<WorkloadResult> {
//                   ^^^^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
