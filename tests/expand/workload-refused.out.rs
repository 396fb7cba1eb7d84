pub async unsafe fn refused<T>(&self, a: u8, b: u8) {
    let broken =;
}
#[doc(hidden)]
#[allow( non_upper_case_globals, dead_code, unused_imports, unreachable_pub, unused_qualifications, deprecated, long_running_const_eval, clippy::all, clippy::pedantic )]
pub const __orket_workload_refused: ::orket_runtime::internal::WorkloadEntry = ::orket_runtime::internal::WorkloadEntry::REFUSED;
::core::compile_error!{
    "[workload.signature] a workload cannot be `async`: it talks to its host in turn\nhelp: see `cargo orket explain workload.signature`"
}
::core::compile_error!{
    "[workload.signature] a workload cannot be `unsafe`\nhelp: see `cargo orket explain workload.signature`"
}
::core::compile_error!{
    "[workload.signature] a workload cannot be generic: its host knows one input type\nhelp: see `cargo orket explain workload.signature`"
}
::core::compile_error!{
    "[workload.signature] a workload is a function of its own, not a method\nhelp: write `fn name(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult>`"
}
::core::compile_error!{
    "[workload.signature] a workload takes its context and one input, nothing else\nhelp: write `fn name(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult>`"
}
::core::compile_error!{
    "[id.invalid] `a b` is not an id: an id holds letters, digits, `.`, `_` and `-`, not ` `\nhelp: see `cargo orket explain id.invalid`"
}
::core::compile_error!{
    "[material.path] `../secret` is not the path of a material: a material's path has no empty, `.` or `..` segment\nhelp: see `cargo orket explain material.path`"
}
::core::compile_error!{
    "[workload.signature] a workload returns `Result<WorkloadResult>`\nhelp: write `fn name(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult>`"
}
::core::compile_error!{
    "[option.invalid] `plan` is the path of a function\nhelp: see `cargo orket explain option.invalid`"
}
