//! Its source is innocent; its manifest is not.

#[orket_runtime::extension(id = "graph")]
pub mod extension {
    use orket_runtime::prelude::*;

    #[workload(id = "graph_v1")]
    pub fn graph_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}
