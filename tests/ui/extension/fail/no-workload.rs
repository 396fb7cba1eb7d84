#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
//      ^^^^^ extension.empty
    use orket_runtime::prelude::*;

    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
