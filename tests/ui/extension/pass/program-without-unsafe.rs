//! `main!` in a crate that forbids `unsafe`, with the extension in the same file.
#![forbid(unsafe_code)]
#![deny(warnings)]

#[orket_runtime::extension(id = "hello.world")]
mod hello {
    use orket_runtime::prelude::*;

    #[workload]
    fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }
}

// What trybuild runs is no guest of a host: its exit code would be a failure.
#[allow(dead_code)]
mod program {
    use crate::hello;

    orket_runtime::main!(hello);
}

fn main() {}
