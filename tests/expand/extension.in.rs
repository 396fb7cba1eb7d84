#[extension(id = "mystery.game", capabilities = ["console", "audio_output"], config_schema = Settings, runtime = ">=0.1, <0.2")]
/// A game of questions.
pub mod mystery {
    #![allow(missing_docs)]
    use orket_runtime::prelude::*;

    #[workload(id = "mystery_v1", materials = ["content/*.yaml"])]
    pub fn mystery_v1(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult> {
        play::<{ 1 + 1 }>(ctx, input)
    }

    impl<const N: usize> Board<{ N }> {
        const SIZE: usize = { N };
    }

    #[cfg(unix)]
    #[workload]
    fn local(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub use crate::other::{epilogue_v1, deeper::r#final as last};
}
