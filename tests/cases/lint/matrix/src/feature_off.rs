//~ import.internal: source
#[cfg(feature = "extra")]
pub mod extra {
    pub use orket_runtime::internal::*;
}
