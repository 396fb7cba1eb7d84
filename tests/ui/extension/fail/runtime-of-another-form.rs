#[orket_runtime::extension(id = "hello.world", runtime = concat!(">=", "0.1"))]
//                                                       ^^^^^^ option.invalid
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
