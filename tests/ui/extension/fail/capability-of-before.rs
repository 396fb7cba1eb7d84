#[orket_runtime::extension(id = "hello.world", capabilities = ["time.now"])]
//                                                             ^^^^^^^^^^ capability.unknown
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
