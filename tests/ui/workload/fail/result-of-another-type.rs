use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) -> Result<Value> {
//                                       ^^^^^^^^^^^^^ E0277
    Ok(json!({}))
}

fn main() {}
