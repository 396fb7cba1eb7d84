//~ ambient.environment: clippy
pub fn level() -> Option<std::ffi::OsString> {
    std::env::var_os("LEVEL")
}
