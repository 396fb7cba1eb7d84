//! One id twice is no duplicate where `cfg` leaves only one of them.
#![deny(warnings)]

#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    use orket_runtime::prelude::*;

    #[cfg(all())]
    #[workload(id = "hello_v1")]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[cfg(any())]
    #[workload(id = "hello_v1")]
    pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

fn main() {
    let mut registry = orket_runtime::workload::Registry::new();
    hello::register(&mut registry);
    assert_eq!(registry.ids().count(), 1);
}
