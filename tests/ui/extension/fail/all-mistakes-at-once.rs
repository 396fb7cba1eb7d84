#[orket_runtime::extension(id = "hello world", capabilities = ["consol"], runtme = "^0.1", version = "one")]
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload(id = "", capabilities = ["kvs"], materials = ["/etc/passwd"])]
    pub async fn hello(ctx: WorkloadContext) {
        let _ = ctx;
    }

    #[workload]
    pub use crate::other::*;
}

mod other {}

orket_runtime::main!(hello);
