use orket_runtime::*;
const VERSION: &str = internal::SDK_VERSION;
