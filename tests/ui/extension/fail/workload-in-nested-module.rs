#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    pub mod nested {
        use orket_runtime::prelude::*;

        #[workload]
//       ^^^^^^^^^^ workload.hidden
        pub fn forgotten(_: &mut WorkloadContext) -> Result<WorkloadResult> {
            WorkloadResult::ok(json!({}))
        }
    }
}

fn main() {}
