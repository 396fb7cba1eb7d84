#[orket_runtime::extension(id = "hello.world", runtime = "at least 0.1")]
//                                                       ^^^^^^^^^^^^^^ manifest.bad-version
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
