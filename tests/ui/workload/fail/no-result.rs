use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) {

}

fn main() {}
