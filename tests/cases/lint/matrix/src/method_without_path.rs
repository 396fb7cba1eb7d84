//~ import.internal: compiler
pub fn is_none() -> bool {
    matrix_helper::fault().is_none()
}
