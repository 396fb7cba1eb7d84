//~ import.internal: compiler source
extern crate orket_runtime as shifted;
pub const VERSION: &str = self::shifted::internal::SDK_VERSION;
