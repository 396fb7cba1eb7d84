//~ import.internal: source
#[cfg(windows)]
pub fn version() {
    println!("{}", orket_runtime::internal::SDK_VERSION);
}
