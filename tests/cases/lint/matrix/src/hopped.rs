//~ import.internal: compiler source
pub use orket_runtime::internal as hidden;
