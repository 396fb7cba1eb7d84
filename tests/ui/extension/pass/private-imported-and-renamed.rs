//! Every way in which a workload can be listed, and names that would collide without mangling.
#![deny(warnings)]

#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    fn private(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub(crate) fn orket_runtime(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub use crate::other::{deeper::r#final as last, f::f};

    #[workload]
    pub use self::nested::inside;

    mod nested {
        use orket_runtime::prelude::*;

        #[workload]
        pub fn inside(_: &mut WorkloadContext) -> Result<WorkloadResult> {
            WorkloadResult::ok(json!({}))
        }
    }

    #[cfg(any())]
    #[workload]
    pub fn never(_: &mut Unknown) -> Unknown {}
}

mod other {
    pub mod f {
        #[orket_runtime::workload]
        pub fn f(_: &mut orket_runtime::workload::WorkloadContext) -> orket_runtime::Result<orket_runtime::result::WorkloadResult> {
            orket_runtime::result::WorkloadResult::ok(())
        }
    }

    pub mod deeper {
        use orket_runtime::prelude::*;

        #[workload(id = "final_v1")]
        pub fn r#final(_: &mut WorkloadContext) -> Result<WorkloadResult> {
            WorkloadResult::ok(json!({}))
        }
    }
}

fn main() {
    let mut registry = orket_runtime::workload::Registry::new();
    hello::register(&mut registry);
    let ids: Vec<&str> = registry.ids().collect();
    assert_eq!(ids, ["private", "orket_runtime", "final_v1", "f", "inside"]);
}
