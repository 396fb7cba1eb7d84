//~ import.internal: source
pub fn version() {
    #[cfg(windows)]
    let _ = orket_runtime::internal::SDK_VERSION;
}
