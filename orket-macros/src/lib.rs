//! The attributes of `orket-runtime`: `#[extension]`, `#[workload]` and the derive of `Schema`.
//!
//! What they expand to is a function of tokens, in `orket-expansion`; here it meets the compiler.

#![forbid(unsafe_code)]

/// Makes an extension of an inline module: its workloads are the functions and imports in it that
/// carry `#[workload]`, in their order.
///
/// | option | meaning | without it |
/// |---|---|---|
/// | `id = "mystery.game"` | the stable name | required |
/// | `capabilities = ["console"]` | what every workload may use | nothing |
/// | `config_schema = Settings` | a type, as the module sees it, whose schema describes the configuration | none |
/// | `runtime = ">=0.1, <0.2"` | the Orket versions that it runs with | those compatible with the SDK's |
/// | `version = "1.2.3"` | the extension's version | the package's |
/// | `description = "…"` | what it is for | the module's doc comment, else the package's description |
/// | `crate = path` | where the SDK is, when it is renamed or re-exported | `::orket_runtime` |
///
/// Adds `pub fn register(registry: &mut Registry)` to the module. A workload may use the
/// capabilities of its extension and its own.
///
/// # Errors
/// All mistakes at once, each on its token: `capability.unknown`, `extension.empty`,
/// `extension.not-a-module`, `id.invalid`, `manifest.bad-version`, `manifest.duplicate-workload`,
/// `option.duplicate`, `option.invalid`, `option.missing`, `option.unknown`, `workload.hidden`.
#[proc_macro_attribute]
pub fn extension(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    orket_expansion::extension(args.into(), item.into()).into()
}

/// Makes a workload of a function, or lists one that stands in another file.
///
/// The function takes `&mut WorkloadContext` and, if it has an input, a type that is `Deserialize`
/// and `Schema`; it returns `Result<WorkloadResult>`. Its doc comment is its description. On a `use`
/// inside of an `#[extension]` module, `#[workload] pub use crate::epilogue::epilogue_v1;` lists a
/// workload by the path of the module that declares it.
///
/// | option | meaning | without it |
/// |---|---|---|
/// | `id = "mystery_v1"` | the stable name | the function's name |
/// | `description = "…"` | what it does | the function's doc comment |
/// | `capabilities = ["kv"]` | what it may use besides what its extension declares | nothing |
/// | `materials = ["content/*.yaml", ("map.bin", sha256 = "…")]` | the files that it reads | none |
/// | `network = ["api.example.com:443", "*.example.org:443"]` | where `network.connect` may connect to | nowhere |
/// | `budget(memory = "64MiB", time = "5s")` | what a run uses at most: `artifact`, `artifacts`, `cpu`, `files`, `memory`, `messages`, `output`, `time` | the operator's limits |
/// | `plan = path` | `fn(&PlanContext, &Input) -> Result<RunPlan>` | one step that runs it |
/// | `validators = [path, …]` | `fn(&WorkloadResult, &Path) -> Vec<Issue>` | none |
/// | `summarize = path` | `fn(&Path) -> Result<serde_json::Value>` | none |
/// | `version = "1.2.3"` | the workload's version | the package's |
/// | `crate = path` | where the SDK is, when it is renamed or re-exported | `::orket_runtime` |
///
/// A budget lowers the operator's limits and raises none. A workload without input has a `plan` without it: `fn(&PlanContext) -> Result<RunPlan>`.
///
/// # Errors
/// All mistakes at once, each on its token: `capability.unknown`, `id.invalid`,
/// `manifest.bad-version`, `material.path`, `network.target`, `option.duplicate`, `option.invalid`,
/// `option.unknown`, `workload.hidden`, `workload.signature`.
#[proc_macro_attribute]
pub fn workload(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    orket_expansion::workload(args.into(), item.into()).into()
}

/// Derives the JSON Schema of a type from its fields and `serde` attributes.
///
/// Understands `rename`, `rename_all`, `default`, `skip`, `deny_unknown_fields` and `transparent`;
/// enums are externally tagged. `#[schema(crate = path)]` names the SDK when it is renamed.
///
/// # Errors
/// `schema.unsupported` on what it cannot express exactly, `schema.recursive` on a type that names
/// itself.
#[proc_macro_derive(Schema, attributes(schema, serde))]
pub fn schema(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    orket_expansion::schema(item.into()).into()
}
