#[orket_runtime::extension(id = "hello.world", config_schema = Settings)]
//                                                             ^^^^^^^^ E0425
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
