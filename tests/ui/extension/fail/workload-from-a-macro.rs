#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    use orket_runtime::prelude::*;

    macro_rules! workloads {
        ($($name:ident)*) => {$(
            #[workload]
//           ^^^^^^^^^^ workload.hidden
            pub fn $name(_: &mut WorkloadContext) -> Result<WorkloadResult> {
                WorkloadResult::ok(json!({}))
            }
        )*};
    }
    workloads!(one two);
}

fn main() {}
