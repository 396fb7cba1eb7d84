//! Sources as rustfmt writes them: the order of imports and the breaks of lines depend on names and edition.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A source formatted, as the settings say that hold in a folder. It reads the text and no file, so that no module of it
/// leads anywhere. Nothing where there is no rustfmt, or the source does not parse.
pub(crate) fn rustfmt(source: &[u8], edition: &str, folder: &Path) -> Option<Vec<u8>> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", edition]).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = rustfmt.stderr(Stdio::null()).spawn().ok()?;
    // It reads everything before it writes, so neither waits for the other; it may end without reading.
    let written = child.stdin.take().map(|mut pipe| pipe.write_all(source));
    let output = child.wait_with_output().ok()?;
    (matches!(written, Some(Ok(()))) && output.status.success()).then_some(output.stdout)
}
