#[orket_runtime::extension(id = hello, capabilities = "console", runtime = concat!(">=", "0.1"), crate = "sdk")]
//                              ^^^^^ option.invalid
//                                                    ^^^^^^^^^ option.invalid
//                                                                         ^^^^^^ option.invalid
//                                                                                                       ^^^^^ option.invalid
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
