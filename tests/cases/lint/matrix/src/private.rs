//~ import.internal: compiler
pub const VERSION: &str = matrix_helper::__private::SDK_VERSION;
