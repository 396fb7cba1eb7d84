#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload(id = "hello_v1")]
    pub fn one(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload(id = "hello_v1")]
//                  ^^^^^^^^^^ manifest.duplicate-workload
    pub fn two(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
