use orket_runtime::prelude::*;

#[workload(materials = ["../a", "/b", "c\\d", "", "e", "e", f])]
//                      ^^^^^^ material.path
//                              ^^^^ material.path
//                                    ^^^^^^ material.path
//                                            ^^ material.path
//                                                     ^^^ option.duplicate
//                                                          ^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
