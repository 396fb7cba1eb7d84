//! Artifacts that are compared with a file in the repository.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use super::difference;

/// The variable that allows golden files to be written, when it is `1`.
const UPDATE: &str = "ORKET_BLESS";

/// A file in the repository that an artifact must equal, byte by byte.
///
/// It is never written by a test on its own: set `ORKET_BLESS=1` for a run of the tests,
/// and read what changed before it is committed. Paths are relative to the package, where
/// `cargo test` runs.
///
/// ```no_run
/// use orket_runtime::testing::GoldenArtifact;
/// GoldenArtifact::new("tests/golden/summary.json").assert_eq(b"{\"turns\":12}\n");
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is compared before `assert_eq`"]
pub struct GoldenArtifact {
    path: PathBuf,
}

impl GoldenArtifact {
    /// The golden file at a path.
    ///
    /// ```
    /// use orket_runtime::testing::GoldenArtifact;
    /// let golden = GoldenArtifact::new("tests/golden/summary.json");
    /// ```
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned() }
    }

    /// Compares bytes with the file; writes them to it where that was asked for.
    ///
    /// ```no_run
    /// use orket_runtime::testing::{GoldenArtifact, Outcome};
    /// fn check(outcome: &Outcome) {
    ///     GoldenArtifact::new("tests/golden/notes.txt").assert_eq(&outcome.artifacts["notes.txt"]);
    /// }
    /// ```
    ///
    /// # Panics
    /// With the first difference, when the bytes are others or there is no file; when the file
    /// cannot be read or written.
    #[track_caller]
    pub fn assert_eq(&self, bytes: impl AsRef<[u8]>) {
        let update = env::var_os(UPDATE).is_some_and(|value| value == "1");
        if let Err(drift) = self.compare(bytes.as_ref(), update) {
            panic!("{drift}");
        }
    }

    fn compare(&self, bytes: &[u8], update: bool) -> Result<(), String> {
        let shown = self.path.display();
        let golden = match fs::read(&self.path) {
            Ok(golden) => Some(golden),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("cannot read `{shown}`: {error}")),
        };
        let name = format!("golden file `{shown}`");
        let Some(difference) = difference::of_files(&name, golden.as_deref(), Some(bytes)) else {
            return Ok(());
        };
        if update {
            return self.write(bytes).map_err(|error| format!("cannot write `{shown}`: {error}"));
        }
        Err(format!("{difference}\n  help: `{UPDATE}=1 cargo test` accepts the other"))
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.path, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::folder::Folder;

    #[test]
    fn a_golden_file_is_written_on_request_only() {
        let folder = Folder::new().unwrap();
        let golden = GoldenArtifact::new(folder.path().join("golden/notes.txt"));
        let missing = golden.compare(b"milk\n", false).unwrap_err();
        assert!(missing.contains("first: (nothing)"), "{missing}");
        assert!(folder.files().unwrap().is_empty());

        golden.compare(b"milk\n", true).unwrap();
        golden.compare(b"milk\n", false).unwrap();
        let drift = golden.compare(b"mild\n", false).unwrap_err();
        assert!(drift.contains("at byte 3 differs"), "{drift}");
        assert!(drift.contains("ORKET_BLESS=1"), "{drift}");
        assert_eq!(folder.files().unwrap()["golden/notes.txt"], b"milk\n");
    }
}
