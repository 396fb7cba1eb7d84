//~ import.internal: compiler source
#![allow(deprecated, warnings, clippy::all)]
pub const VERSION: &str = orket_runtime::internal::SDK_VERSION;
