//~ import.internal: compiler source
use orket_runtime::*;
pub const VERSION: &str = internal::SDK_VERSION;
