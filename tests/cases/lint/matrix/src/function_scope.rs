//~ import.internal: compiler source
pub fn version() -> &'static str {
    use orket_runtime::internal as here;
    here::SDK_VERSION
}
