#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    use orket_runtime::prelude::*;

    #[cfg_attr(all(), workload)]
//  ^ workload.hidden
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
