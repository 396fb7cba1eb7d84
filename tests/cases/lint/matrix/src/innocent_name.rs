pub mod internal {
    pub const SDK_VERSION: &str = "mine";
}
pub const VERSION: &str = internal::SDK_VERSION;
