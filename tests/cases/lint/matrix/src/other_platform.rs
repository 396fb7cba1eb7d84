//~ import.internal: source
#[cfg(windows)]
pub fn version() -> &'static str {
    use orket_runtime::internal as elsewhere;
    elsewhere::SDK_VERSION
}
