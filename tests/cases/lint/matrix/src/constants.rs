//~ import.internal: compiler source
use orket_runtime::internal::RUNTIME;
pub static STATIC: &str = RUNTIME;
