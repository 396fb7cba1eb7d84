//! Changes to files, all of them or none: a new file is made where there is none, another is replaced by one rename, and
//! what was done is undone when a later one fails.

use super::exists;
use crate::error::{Error, Result};
use crate::file;
use crate::template::rustfmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A file as it is to be.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: PathBuf,
    /// What is in it now; none for a file that is new.
    pub(super) before: Option<String>,
    pub(super) after: String,
}

/// Makes all of them.
///
/// # Errors
/// `addition.exists` for a file that is there; [`Error::File`]. Nothing is changed then.
pub(super) fn apply(changes: Vec<Change>, edition: &str) -> Result<Vec<PathBuf>> {
    let changes: Vec<Change> = changes.into_iter().map(|change| change.formatted(edition)).collect();
    for (at, change) in changes.iter().enumerate() {
        if let Err(error) = change.apply() {
            changes[..at].iter().rev().for_each(Change::undo);
            return Err(error);
        }
    }
    Ok(changes.into_iter().map(|change| change.path).collect())
}

impl Change {
    /// What was formatted stays so; what was not is left as it is.
    fn formatted(mut self, edition: &str) -> Self {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let format = |text: &str| String::from_utf8(rustfmt(text.as_bytes(), edition, folder)?).ok();
        let was = self.before.as_deref().is_none_or(|before| format(before).as_deref() == Some(before));
        if let Some(text) = format(&self.after).filter(|_| was) {
            self.after = text;
        }
        self
    }

    fn apply(&self) -> Result<()> {
        let Some(before) = &self.before else { return self.make() };
        file::replace(&self.path, before, &self.after)
    }

    fn make(&self) -> Result<()> {
        let made = fs::File::options().write(true).create_new(true).open(&self.path);
        let mut made = made.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => exists(&format!("the file {}", self.path.display())).into(),
            _ => Error::file("create", &self.path)(error),
        })?;
        made.write_all(self.after.as_bytes()).map_err(|error| {
            self.undo();
            Error::file("write", &self.path)(error)
        })
    }

    /// Puts back what was there; where even that fails, the error that led here says which file it is.
    fn undo(&self) {
        let _ = match &self.before {
            Some(before) => fs::write(&self.path, before),
            None => fs::remove_file(&self.path),
        };
    }
}
