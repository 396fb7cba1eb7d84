//~ import.internal: compiler source
use orket_runtime::{internal::{self as hidden}, prelude as _};
pub const VERSION: &str = hidden::SDK_VERSION;
