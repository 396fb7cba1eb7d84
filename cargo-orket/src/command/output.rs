//! What a command makes for others to look at: on standard output, or in a file.

use crate::error::{Error, Result};
use crate::report::Report;
use std::io::Write as _;
use std::path::Path;

/// Prints the text when the output is `-`; else writes it as a file, whole or not at all.
///
/// # Errors
/// [`Error::File`].
pub(super) fn put(verb: &str, output: &Path, text: &str, report: &Report) -> Result<()> {
    if output == Path::new("-") {
        report.text(text);
        return Ok(());
    }
    write(output, text.as_bytes())?;
    report.status(verb, &output.display().to_string());
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let above = path.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".orket-").tempfile_in(above);
    let mut file = file.map_err(Error::file("write", path))?;
    file.write_all(bytes).map_err(Error::file("write", path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let readable = std::fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(readable).map_err(Error::file("write", path))?;
    }
    file.persist(path).map_err(|error| Error::file("write", path)(error.error))?;
    Ok(())
}
