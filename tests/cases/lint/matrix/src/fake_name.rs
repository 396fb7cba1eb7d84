//~ import.internal: compiler
macro_rules! workload {
    ($a:ident) => {
        orket_runtime::$a::SDK_VERSION
    };
}
pub const VERSION: &str = workload!(internal);
