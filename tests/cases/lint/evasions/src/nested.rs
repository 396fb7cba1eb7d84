use orket_runtime::{
    internal::{self as quiet, SDK_VERSION},
    prelude,
};
const VERSION: (&str, &str) = (SDK_VERSION, quiet::RUNTIME);
