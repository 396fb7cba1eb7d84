use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) -> Option<WorkloadResult> {
    None
}

fn main() {}
