//! The SDK under another name: its macros are excused, the author is not.

#[sdk::extension(id = "renamed", crate = sdk)]
pub mod extension {
    use sdk::prelude::*;

    #[workload(id = "renamed_v1", crate = sdk)]
    pub fn renamed_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        #[allow(deprecated)]
        let version = sdk::internal::SDK_VERSION;
        WorkloadResult::ok(json!({ "sdk": version }))
    }
}

sdk::main!(crate::extension);
