// Reported where the macro is defined, because that is a member as well.
pub const VERSION: &str = matrix_helper::version!();
