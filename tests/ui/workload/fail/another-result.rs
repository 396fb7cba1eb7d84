use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) -> Option<WorkloadResult> {
//                                       ^^^^^^^^^^^^^^^^^^^^^^ E0277
    None
}

fn main() {}
