//~ import.internal: compiler source
pub const VERSION: &str = ::orket_runtime::internal::SDK_VERSION;
