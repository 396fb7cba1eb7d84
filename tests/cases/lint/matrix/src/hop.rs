//~ import.internal: compiler
mod inner {
    pub use crate::hopped::hidden as there;
}
pub const VERSION: &str = inner::there::SDK_VERSION;
