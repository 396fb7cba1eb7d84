//~ import.internal: compiler source
macro_rules! pasted {
    ($($tokens:tt)*) => { $($tokens)* };
}
pasted! { pub const VERSION: &str = orket_runtime::internal::SDK_VERSION; }
