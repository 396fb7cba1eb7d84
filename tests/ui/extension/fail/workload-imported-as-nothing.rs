#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub use crate::other::another as _;
//                        ^^^^^^^ workload.hidden
}

mod other {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn another(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
