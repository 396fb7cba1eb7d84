#[doc = " A game of questions."]
pub mod mystery {
    #![allow(missing_docs)]
    use orket_runtime::prelude::*;
    #[workload(id = "mystery_v1", materials = ["content/*.yaml"])]
    pub fn mystery_v1(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult> {
        play::<{
            1 + 1
        }>(ctx, input)
    }
    impl<const N: usize> Board<{
        N
    }> {
        const SIZE: usize = {
            N
        };
    }
    #[cfg(unix)]
    #[workload]
    fn local(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
    pub use crate::other::{
        epilogue_v1,
        deeper::r#final as last
    };
    #[doc = r" Registers the workloads of this extension, in their order."]
    #[allow(dead_code, deprecated, unreachable_pub)]
    pub fn register(registry: &mut ::orket_runtime::workload::Registry) {
        registry.extension(&__orket);
    }
    #[doc(hidden)]
    #[allow( non_upper_case_globals, dead_code, unused_imports, unreachable_pub, unused_qualifications, deprecated, long_running_const_eval, clippy::all, clippy::pedantic )]
    use crate::other::__orket_workload_epilogue_v1 as __orket_workload_epilogue_v1;
    #[doc(hidden)]
    #[allow( non_upper_case_globals, dead_code, unused_imports, unreachable_pub, unused_qualifications, deprecated, long_running_const_eval, clippy::all, clippy::pedantic )]
    use crate::other::deeper::__orket_workload_final as __orket_workload_last;
    #[doc(hidden)]
    #[allow( non_upper_case_globals, dead_code, unused_imports, unreachable_pub, unused_qualifications, deprecated, long_running_const_eval, clippy::all, clippy::pedantic )]
    pub static __orket: ::orket_runtime::internal::ExtensionEntry = {
        const WORKLOADS: &[::orket_runtime::internal::WorkloadEntry] = &[
            __orket_workload_mystery_v1,
            #[cfg(unix)]
            __orket_workload_local,
            __orket_workload_epilogue_v1,
            __orket_workload_last
        ];
        const IDS: &[&str] = &::orket_runtime::internal::ids::<{
            WORKLOADS.len()
        }>(WORKLOADS);
        const FAULT: ::orket_runtime::internal::Fault = ::orket_runtime::internal::Fault::of(IDS);
        const _:() = ::core::assert!(FAULT.is_none(), "{}", FAULT.text());
        ::orket_runtime::internal::ExtensionEntry {
            id: "mystery.game",
            note: {
                const PIECES: &[::orket_runtime::internal::Piece] = &[
                    ::orket_runtime::internal::Piece::Text("{\"authors\":["),
                    ::orket_runtime::internal::Piece::Authors(::core::env!("CARGO_PKG_AUTHORS")),
                    ::orket_runtime::internal::Piece::Text("],\"capabilities\":[\"audio_output\",\"console\"],\"config_schema\":"),
                    ::orket_runtime::internal::Piece::Of(<Settings as ::orket_runtime::internal::Schema>::NODE),
                    ::orket_runtime::internal::Piece::Text(
                        ",\"description\":\"A game of questions.\",\"extension_api_version\":\"1.0.0\",\"id\":\"mystery.game\",\"license\":"
                    ),
                    ::orket_runtime::internal::Piece::Quoted(::core::env!("CARGO_PKG_LICENSE")),
                    ::orket_runtime::internal::Piece::Text(",\"manifest_version\":1,\"repository\":"),
                    ::orket_runtime::internal::Piece::Quoted(::core::env!("CARGO_PKG_REPOSITORY")),
                    ::orket_runtime::internal::Piece::Text(",\"runtime\":\">=0.1, <0.2\",\"sdk_version\":"),
                    ::orket_runtime::internal::Piece::Quoted(::orket_runtime::internal::SDK_VERSION),
                    ::orket_runtime::internal::Piece::Text(",\"version\":"),
                    ::orket_runtime::internal::Piece::Quoted(::core::env!("CARGO_PKG_VERSION")),
                    ::orket_runtime::internal::Piece::Text(",\"workloads\":["),
                    ::orket_runtime::internal::Piece::Names(IDS),
                    ::orket_runtime::internal::Piece::Text("]}")
                ];
                const BYTES: &[u8] = &::orket_runtime::internal::render::<{
                    ::orket_runtime::internal::length(PIECES)
                }>(PIECES);
                ::orket_runtime::internal::text(BYTES)
            },
            workloads: WORKLOADS,
            register
        }
    };
}
