mod other {
    use orket_runtime::prelude::*;

    #[workload(id = "hello")]
    pub fn another(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
//      ^^^^^ E0080
    use orket_runtime::prelude::*;

    #[workload]
    pub use crate::other::another;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
