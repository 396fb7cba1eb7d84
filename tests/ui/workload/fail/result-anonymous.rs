use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) -> Result<impl Sized> {
//                                              ^^^^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
