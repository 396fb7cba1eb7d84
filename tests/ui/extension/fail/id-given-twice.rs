#[orket_runtime::extension(id = "hello.world", id = "hello.again")]
//                                             ^^ option.duplicate
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
