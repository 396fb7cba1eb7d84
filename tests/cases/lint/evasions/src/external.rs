extern crate orket_runtime as outside;
const VERSION: &str = outside::internal::SDK_VERSION;
