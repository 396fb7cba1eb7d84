//! Shares a workload id with its sibling and has one of its own.

#[orket_runtime::extension(id = "test.alpha")]
pub mod extension {
    use orket_runtime::prelude::*;

    /// Offered by both.
    #[workload(id = "shared_v1")]
    pub fn shared_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({ "from": "alpha" }))
    }

    /// Offered by alpha alone.
    #[workload(id = "alpha_v1")]
    pub fn alpha_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

orket_runtime::main!(crate::extension);
