//! Which versions of its formats this tool speaks.

use super::Line;
use orket_contract::{EXTENSION_API_VERSION, ORKET_VERSION, note, protocol, transcript};

pub(super) fn lines() -> Vec<Line> {
    let line = |name: &str, found: String| Line::ok("versions", name, found);
    vec![
        line("orket", ORKET_VERSION.to_owned()),
        line("extension-api", EXTENSION_API_VERSION.to_owned()),
        line("protocol", protocol::VERSION.to_string()),
        line("manifest", note::MANIFEST_VERSION.to_string()),
        line("transcript", transcript::VERSION.to_string()),
        line("messages", crate::report::SCHEMA.to_string()),
    ]
}
