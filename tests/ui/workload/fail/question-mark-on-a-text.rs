use orket_runtime::prelude::*;

#[workload]
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let name: String = Err("nobody")?;
//                                  ^ E0277
    WorkloadResult::ok(json!({ "name": name }))
}

fn main() {}
