//! What the tests of this package share.

use crate::content::Content;
use std::path::Path;

/// The content of this package.
pub fn content() -> Content {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    Content::load(&folder).expect("the content of the game is in order")
}
