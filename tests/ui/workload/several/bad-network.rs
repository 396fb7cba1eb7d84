use orket_runtime::prelude::*;

#[workload(network = ["https://a.example/", "127.1:80", "*.com:80", "a.example:80", "A.example:80", b])]
//                    ^^^^^^^^^^^^^^^^^^^^ network.target
//                                          ^^^^^^^^^^ network.target
//                                                      ^^^^^^^^^^ network.target
//                                                                                  ^^^^^^^^^^^^^^ option.duplicate
//                                                                                                  ^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
