//! A case per file, which begins with the codes and the layers that see them, each by itself.

#![allow(deprecated, dead_code, unused_imports, unused_macros)]

pub mod absolute;
pub mod allowed;
pub mod assembly;
pub mod assembly_alias;
pub mod assembly_off;
pub mod computed_include;
pub mod computed_path;
pub mod constants;
pub mod crate_glob;
pub mod direct;
pub mod entropy;
pub mod enum_pattern;
pub mod environment;
pub mod export;
pub mod extern_block;
pub mod extern_crate;
pub mod fake_name;
pub mod feature_off;
pub mod field_without_path;
pub mod file_open;
pub mod file_options;
pub mod file_read;
pub mod file_write;
pub mod fn_pointer;
pub mod foreign_macro;
pub mod function_scope;
pub mod generated;
pub mod generic_bound;
pub mod hash_field;
pub mod hash_map;
pub mod hop;
pub mod hopped;
pub mod in_test;
pub mod included;
pub mod innocent_data;
pub mod innocent_map;
pub mod innocent_material;
pub mod innocent_name;
pub mod innocent_sdk;
pub mod innocent_test;
pub mod innocent_text;
pub mod link_name;
pub mod local_macro;
pub mod macro_argument;
pub mod macro_off;
pub mod method_without_path;
#[path = "elsewhere/moved.rs"]
pub mod moved;
pub mod nested_self;
#[cfg(windows)]
pub mod never;
#[cfg(windows)]
pub mod unread;
pub mod other_platform;
pub mod pasted;
pub mod private;
pub mod process;
pub mod process_exit;
pub mod process_id;
pub mod public_name;
pub mod raw_ident;
pub mod renamed_use;
pub mod section;
pub mod socket;
pub mod socket_listen;
pub mod socket_unix;
pub mod statement_off;
pub mod switched_off;
pub mod thread;
pub mod thread_builder;
pub mod thread_off;
pub mod time_alias;
pub mod time_allowed;
pub mod time_instant;
pub mod time_macro;
pub mod time_off;
pub mod trait_unnamed;
pub mod type_alias;
pub mod type_qualified;

#[orket_runtime::extension(id = "matrix")]
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
