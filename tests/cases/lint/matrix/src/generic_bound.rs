//~ import.internal: source
pub fn schema<T: orket_runtime::internal::Schema>(_: &T) {}
