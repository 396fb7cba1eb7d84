//~ import.internal: source
#[cfg(any())]
pub const VERSION: &str = orket_runtime::internal::SDK_VERSION;
