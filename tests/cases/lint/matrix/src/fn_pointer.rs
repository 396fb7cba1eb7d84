//~ import.internal: compiler source
pub fn fault() -> bool {
    let of: fn(&[&str]) -> orket_runtime::internal::Fault = orket_runtime::internal::Fault::of;
    of(&[]).is_none()
}
