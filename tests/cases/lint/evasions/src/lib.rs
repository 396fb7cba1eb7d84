//! Every module but this file names something internal, each in a way of its own.

#![allow(deprecated, unused_imports, dead_code, clippy::all)]

mod alias;
mod direct;
mod external;
mod fake_macro;
mod generated;
mod glob;
mod hop;
mod included;
mod local_macro;
mod macro_argument;
#[path = "elsewhere/moved.rs"]
mod moved;
mod nested;
mod qualified_type;

#[orket_runtime::extension(id = "evasions")]
pub mod extension {
    use orket_runtime::prelude::*;

    #[derive(serde::Deserialize, Schema)]
    pub struct Input {
        #[serde(default)]
        pub name: Option<String>,
    }

    #[workload(id = "innocent_v1")]
    pub fn innocent_v1(_ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({ "name": input.name }))
    }
}
