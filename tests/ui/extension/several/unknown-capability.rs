#[orket_runtime::extension(id = "hello.world", capabilities = ["consol", "time.now", "workspace.root", "zebra"])]
//                                                             ^^^^^^^^ capability.unknown
//                                                                       ^^^^^^^^^^ capability.unknown
//                                                                                   ^^^^^^^^^^^^^^^^ capability.unknown
//                                                                                                     ^^^^^^^ capability.unknown
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {}
