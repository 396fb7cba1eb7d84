//~ import.internal: compiler source
pub const VERSION: &str = r#orket_runtime::r#internal::SDK_VERSION;
