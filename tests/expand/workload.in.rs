#[workload(
    id = "mystery_v1",
    capabilities = ["kv", "console"],
    materials = ["content/*.yaml", ("map.bin", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")],
    budget(cpu = "2s", messages = 100),
    plan = crate::case::plan,
    validators = [crate::check::truthful, complete],
    summarize = crate::check::summary,
    version = "2.0.0-rc.1",
)]
/// Play one case.
///
/// It ends with an "accusation".
#[cfg(unix)]
pub(crate) fn mystery(ctx: &mut WorkloadContext, Input { npcs, hard }: Input) -> Result<WorkloadResult> {
    play(ctx, npcs, hard)
}
