//~ import.internal: compiler
pub fn id() -> &'static str {
    matrix_helper::entry().id
}
