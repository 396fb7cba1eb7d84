mod renamed {
    #[workload(crate = crate::sdk)]
    fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(())
    }
    #[doc = r" Registers the workloads of this extension, in their order."]
    #[allow(dead_code, deprecated, unreachable_pub)]
    pub fn register(registry: &mut crate::sdk::workload::Registry) {
        registry.extension(&__orket);
    }
    #[doc(hidden)]
    #[allow( non_upper_case_globals, dead_code, unused_imports, unreachable_pub, unused_qualifications, deprecated, long_running_const_eval, clippy::all, clippy::pedantic )]
    pub static __orket: crate::sdk::internal::ExtensionEntry = {
        const WORKLOADS: &[crate::sdk::internal::WorkloadEntry] = &[__orket_workload_hello];
        const IDS: &[&str] = &crate::sdk::internal::ids::<{
            WORKLOADS.len()
        }>(WORKLOADS);
        const FAULT: crate::sdk::internal::Fault = crate::sdk::internal::Fault::of(IDS);
        const _:() = ::core::assert!(FAULT.is_none(), "{}", FAULT.text());
        crate::sdk::internal::ExtensionEntry {
            id: "renamed",
            note: {
                const PIECES: &[crate::sdk::internal::Piece] = &[
                    crate::sdk::internal::Piece::Text("{\"authors\":["),
                    crate::sdk::internal::Piece::Authors(::core::env!("CARGO_PKG_AUTHORS")),
                    crate::sdk::internal::Piece::Text(
                        "],\"capabilities\":[],\"description\":\"Says \\\"hello\\\"\",\"extension_api_version\":\"1.0.0\",\"id\":\"renamed\",\"license\":"
                    ),
                    crate::sdk::internal::Piece::Quoted(::core::env!("CARGO_PKG_LICENSE")),
                    crate::sdk::internal::Piece::Text(",\"manifest_version\":1,\"repository\":"),
                    crate::sdk::internal::Piece::Quoted(::core::env!("CARGO_PKG_REPOSITORY")),
                    crate::sdk::internal::Piece::Text(",\"runtime\":"),
                    crate::sdk::internal::Piece::Quoted(crate::sdk::internal::RUNTIME),
                    crate::sdk::internal::Piece::Text(",\"sdk_version\":"),
                    crate::sdk::internal::Piece::Quoted(crate::sdk::internal::SDK_VERSION),
                    crate::sdk::internal::Piece::Text(",\"version\":\"1.2.3\",\"workloads\":["),
                    crate::sdk::internal::Piece::Names(IDS),
                    crate::sdk::internal::Piece::Text("]}")
                ];
                const BYTES: &[u8] = &crate::sdk::internal::render::<{
                    crate::sdk::internal::length(PIECES)
                }>(PIECES);
                crate::sdk::internal::text(BYTES)
            },
            workloads: WORKLOADS,
            register
        }
    };
}
