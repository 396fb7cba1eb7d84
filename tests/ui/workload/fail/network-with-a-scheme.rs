use orket_runtime::prelude::*;

#[workload(capabilities = ["network.connect"], network = ["https://a.example/"])]
//                                                        ^^^^^^^^^^^^^^^^^^^^ network.target
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
