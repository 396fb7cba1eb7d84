#[orket_runtime::extension(id = "hello world", capabilities = ["consol"], runtme = "^0.1", version = "one")]
//                              ^^^^^^^^^^^^^ id.invalid
//                                                             ^^^^^^^^ capability.unknown
//                                                                        ^^^^^^ option.unknown
//                                                                                                   ^^^^^ manifest.bad-version
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload(id = "", capabilities = ["kvs"], materials = ["/etc/passwd"])]
//                  ^^ id.invalid
//                                      ^^^^^ capability.unknown
//                                                           ^^^^^^^^^^^^^ material.path
    pub async fn hello(ctx: WorkloadContext) {
//      ^^^^^ workload.signature
//               ^^^^^ workload.signature
//                          ^^^^^^^^^^^^^^^ workload.signature
        let _ = ctx;
    }

    #[workload]
    pub use crate::other::*;
//                        ^ workload.hidden
}

mod other {}

orket_runtime::main!(hello);
