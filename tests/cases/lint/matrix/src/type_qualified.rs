//~ import.internal: compiler source
pub fn schema() -> &'static str {
    std::any::type_name::<orket_runtime::internal::NoInput>()
}
