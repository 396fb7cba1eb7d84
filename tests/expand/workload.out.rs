#[doc = " Play one case."]
#[doc = ""]
#[doc = " It ends with an \"accusation\"."]
#[cfg(unix)]
pub(crate) fn mystery(ctx: &mut WorkloadContext, Input { npcs, hard } : Input) -> Result<WorkloadResult> {
    play(ctx, npcs, hard)
}
#[cfg(unix)]
#[doc(hidden)]
#[allow( non_upper_case_globals, dead_code, unused_imports, unreachable_pub, unused_qualifications, deprecated, long_running_const_eval, clippy::all, clippy::pedantic )]
pub(crate) const __orket_workload_mystery: ::orket_runtime::internal::WorkloadEntry = ::orket_runtime::internal::WorkloadEntry {
    id: "mystery_v1",
    note: {
        const PIECES: &[::orket_runtime::internal::Piece] = &[
            ::orket_runtime::internal::Piece::Text(
                "{\"budget\":{\"cpu_ms\":2000,\"messages\":100},\"capabilities\":[\"console\",\"kv\"],\"description\":\"Play one case.\\n\\nIt ends with an \\\"accusation\\\".\",\"id\":\"mystery_v1\",\"input_schema\":"
            ),
            ::orket_runtime::internal::Piece::Of(<Input as ::orket_runtime::internal::Input>::NODE),
            ::orket_runtime::internal::Piece::Text(
                ",\"materials\":[{\"path\":\"content/*.yaml\"},{\"path\":\"map.bin\",\"sha256\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}],\"plan\":true,\"summarize\":true,\"validators\":[\"truthful\",\"complete\"],\"version\":\"2.0.0-rc.1\"}"
            )
        ];
        const BYTES: &[u8] = &::orket_runtime::internal::render::<{
            ::orket_runtime::internal::length(PIECES)
        }>(PIECES);
        ::orket_runtime::internal::text(BYTES)
    },
    run: |__context,
    __input |{
        let __input =<Input as ::orket_runtime::internal::Input>::read(__input)?;
        let __context =<WorkloadContext as ::orket_runtime::internal::Context>::of(__context);
        <Result<WorkloadResult> as ::orket_runtime::internal::Output>::result(mystery(__context, __input))
    },
    plan: ::core::option::Option::Some(
        |__context,
        __input |{
            let __input =<Input as ::orket_runtime::internal::Input>::read(__input)?;
            <_ as ::orket_runtime::internal::Plan<Input>>::plan(crate::case::plan, __context, &__input)
        }
    ),
    validators: &[
        ::orket_runtime::internal::ValidatorEntry {
            name: "truthful",
            run: |__result,
            __artifacts |<_ as ::orket_runtime::internal::Validator>::validate(crate::check::truthful, __result, __artifacts)
        },
        ::orket_runtime::internal::ValidatorEntry {
            name: "complete",
            run: |__result,
            __artifacts |<_ as ::orket_runtime::internal::Validator>::validate(complete, __result, __artifacts)
        }
    ],
    summarize: ::core::option::Option::Some(
        |__artifacts |<_ as ::orket_runtime::internal::Summarize>::summarize(crate::check::summary, __artifacts)
    ),
};
