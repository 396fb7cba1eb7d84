//~ import.internal: compiler source
type Alias = orket_runtime::internal::Fault;
pub fn fault() -> Alias {
    Alias::of(&[])
}
