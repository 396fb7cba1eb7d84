mod other {
    use orket_runtime::prelude::*;

    #[workload(id = "hello")]
    pub fn another(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    #[workload]
    pub use crate::other::*;
//                        ^ workload.hidden
}

fn main() {}
