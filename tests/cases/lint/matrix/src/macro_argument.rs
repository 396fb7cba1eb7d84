//~ import.internal: compiler source
pub fn text() -> String {
    format!("{}", orket_runtime::internal::SDK_VERSION)
}
