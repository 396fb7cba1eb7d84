//! Shares a workload id with its sibling and has one of its own.

#[orket_runtime::extension(id = "test.beta")]
pub mod extension {
    use orket_runtime::prelude::*;

    /// Offered by both.
    #[workload(id = "shared_v1")]
    pub fn shared_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({ "from": "beta" }))
    }

    /// Offered by beta alone.
    #[workload(id = "beta_v1")]
    pub fn beta_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

orket_runtime::main!(crate::extension);
