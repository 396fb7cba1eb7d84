mod deep {
    pub use orket_runtime::internal as harmless;
}
const VERSION: &str = deep::harmless::SDK_VERSION;
