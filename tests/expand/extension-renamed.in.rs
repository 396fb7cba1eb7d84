#[extension(id = "renamed", crate = crate::sdk, version = "1.2.3", description = "Says \"hello\"")]
mod renamed {
    #[workload(crate = crate::sdk)]
    fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(())
    }
}
