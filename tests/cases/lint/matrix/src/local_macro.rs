//~ import.internal: compiler
macro_rules! version {
    ($part:ident) => {
        orket_runtime::$part::SDK_VERSION
    };
}
pub const VERSION: &str = version!(internal);
