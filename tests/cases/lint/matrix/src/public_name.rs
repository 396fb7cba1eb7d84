//~ import.internal: compiler
pub const VERSION: &str = matrix_helper::shiny::SDK_VERSION;
