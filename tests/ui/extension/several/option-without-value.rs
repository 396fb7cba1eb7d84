#[orket_runtime::extension(id = "hello.world", runtime, capabilities = , version "1.0.0")]
//                                             ^^^^^^^ option.invalid
//                                                      ^^^^^^^^^^^^ option.invalid
//                                                                       ^^^^^^^ option.invalid
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
