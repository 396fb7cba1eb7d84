//! Files that appear, or change, whole or not at all.

use crate::error::{Error, Result};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file that everybody may read, as far as the umask allows.
///
/// # Errors
/// [`Error::File`]; what was there before is there still.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let readable = std::fs::Permissions::from_mode(0o644);
    let file = tempfile::Builder::new().permissions(readable).tempfile_in(folder);
    let mut file = file.map_err(Error::file("write", path))?;
    file.write_all(bytes).map_err(Error::file("write", path))?;
    file.persist(path).map_err(|error| Error::file("write", path)(error.error))?;
    Ok(())
}

/// Replaces what is in a file while that is still what is known of it. The file keeps its permissions; where the path is
/// a link, what it leads to is replaced.
///
/// # Errors
/// [`Error::File`], also when somebody else has changed it; what was there before is there still.
pub(crate) fn replace(path: &Path, before: &str, after: &str) -> Result<()> {
    let failed = |error| Error::file("replace", path)(error);
    if std::fs::read(path).map_err(failed)? != before.as_bytes() {
        return Err(failed(std::io::Error::other("somebody else has changed it")));
    }
    let real = path.canonicalize().map_err(failed)?;
    let folder = real.parent().unwrap_or(Path::new("."));
    let stage = tempfile::Builder::new().prefix(".orket-").tempfile_in(folder);
    let mut stage = stage.map_err(failed)?;
    stage.write_all(after.as_bytes()).map_err(failed)?;
    let permissions = std::fs::metadata(&real).map_err(failed)?.permissions();
    stage.as_file().set_permissions(permissions).map_err(failed)?;
    stage.persist(&real).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_replaced_stays_what_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("link"));
        std::fs::write(&path, "one").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
        std::os::unix::fs::symlink("a", &link).unwrap();
        replace(&link, "one", "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o750);
        assert!(link.is_symlink());
        let refused = replace(&link, "one", "three").unwrap_err();
        let source = std::error::Error::source(&refused).map(ToString::to_string);
        assert_eq!(source.as_deref(), Some("somebody else has changed it"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_is_replaced_whole_and_a_failure_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert!(write(folder.path(), b"a folder is there").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
