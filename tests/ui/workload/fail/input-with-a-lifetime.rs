use orket_runtime::prelude::*;

pub struct Input<'a>(std::marker::PhantomData<&'a u8>);

#[workload]
pub fn hello(_: &mut WorkloadContext, _: Input<'_>) -> Result<WorkloadResult> {
//                                             ^^ workload.signature
    WorkloadResult::ok(json!({}))
}

fn main() {}
