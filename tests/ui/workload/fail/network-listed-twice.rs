use orket_runtime::prelude::*;

#[workload(capabilities = ["network.connect"], network = ["a.example:80", "A.example:80"])]
//                                                                        ^^^^^^^^^^^^^^ option.duplicate
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
