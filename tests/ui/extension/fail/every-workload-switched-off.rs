#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
//      ^^^^^ E0080
    use orket_runtime::prelude::*;

    #[cfg(any())]
    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
