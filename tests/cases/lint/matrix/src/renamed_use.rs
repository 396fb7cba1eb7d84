//~ import.internal: compiler source
use orket_runtime as rt;
pub const VERSION: &str = rt::internal::SDK_VERSION;
