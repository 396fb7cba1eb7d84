macro_rules! path {
    ($module:ident) => {
        orket_runtime::$module::SDK_VERSION
    };
}
const VERSION: &str = path!(internal);
