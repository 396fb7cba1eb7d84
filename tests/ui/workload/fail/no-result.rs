use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) {
//     ^^^^^ workload.signature

}

fn main() {}
