pub mod mystery {
    pub use crate::other::*;
    #[doc = r" Registers the workloads of this extension, in their order."]
    #[allow(dead_code, deprecated, unreachable_pub)]
    pub fn register(registry: &mut ::orket_runtime::workload::Registry) {
        registry.extension(&__orket);
    }
    #[doc(hidden)]
    #[allow( non_upper_case_globals, dead_code, unused_imports, unreachable_pub, unused_qualifications, deprecated, long_running_const_eval, clippy::all, clippy::pedantic )]
    pub static __orket: ::orket_runtime::internal::ExtensionEntry = ::orket_runtime::internal::ExtensionEntry::REFUSED;
}
::core::compile_error!{
    "[option.unknown] `runtme` is not an option; did you mean `runtime`?\nhelp: the options are `capabilities`, `config_schema`, `crate`, `description`, `id`, `runtime`, `version`"
}
::core::compile_error!{
    "[id.invalid] `mystery game` is not an id: an id holds letters, digits, `.`, `_` and `-`, not ` `\nhelp: see `cargo orket explain id.invalid`"
}
::core::compile_error!{
    "[capability.unknown] `consol` is not a capability; did you mean `console`?\nhelp: see `cargo orket explain capability.unknown`"
}
::core::compile_error!{
    "[workload.hidden] a glob does not name its workloads, and an extension lists them one by one\nhelp: see `cargo orket explain workload.hidden`"
}
