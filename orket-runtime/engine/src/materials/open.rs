//! Opens one file of a project, if it lies there and is a file.

use crate::beneath;
use crate::loader::Stamp;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// An open file, and how it was when it was opened.
pub(crate) struct Opened {
    file: File,
    path: PathBuf,
    size: u64,
    stamp: Option<Stamp>,
}

impl Opened {
    /// Opens a file below a folder, through links as long as they stay below it.
    pub(crate) fn below(root: &Path, path: &str) -> Result<Self, Issue> {
        open(root, path).map_err(|fault| fault.issue(path))
    }

    pub(crate) fn into_file(self) -> File {
        self.file
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Its size in bytes when it was opened.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Where it lies, all links resolved.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to the file, and the file is as it was.
    pub(super) fn is_unchanged(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|metadata| Stamp::at_once(&metadata) == self.stamp)
    }
}

/// Why a path is not that of a material.
pub(super) enum Fault {
    /// There is nothing.
    Missing,
    /// A link leads to nothing.
    Dangling,
    /// It lies there, outside of the project.
    Escapes(PathBuf),
    /// It is a folder.
    Folder,
    /// It is neither a file nor a folder.
    Special,
    /// The system does not let us.
    Refused(io::Error),
}

/// Opens what a path below the root leads to, through links as long as they stay below the root.
pub(super) fn open(root: &Path, path: &str) -> Result<Opened, Fault> {
    let real = root.join(path).canonicalize().map_err(|error| unresolved(root, path, error))?;
    let Ok(below) = real.strip_prefix(root) else { return Err(Fault::Escapes(real)) };
    let below = below.to_str().ok_or_else(|| Fault::Refused(ErrorKind::InvalidFilename.into()))?;
    // What was resolved is opened without links: nobody can put one in between.
    let file = beneath::open(root, below).map_err(|fault| match fault {
        beneath::Fault::Linked => Fault::Refused(ErrorKind::InvalidFilename.into()),
        beneath::Fault::Special => Fault::Special,
        beneath::Fault::Refused(error) => Fault::Refused(error),
    })?;
    let metadata = file.metadata().map_err(Fault::Refused)?;
    match metadata.file_type() {
        kind if kind.is_file() => {
            Ok(Opened { stamp: Stamp::at_once(&metadata), file, path: real, size: metadata.len() })
        }
        kind if kind.is_dir() => Err(Fault::Folder),
        _ => Err(Fault::Special),
    }
}

/// Why a path leads nowhere: the first part of it that is a link to nothing, or nothing at all.
fn unresolved(root: &Path, path: &str, error: io::Error) -> Fault {
    let mut at = root.to_path_buf();
    for segment in path.split('/') {
        at.push(segment);
        let is_link = fs::symlink_metadata(&at).is_ok_and(|metadata| metadata.is_symlink());
        if is_link && fs::metadata(&at).is_err() {
            return Fault::Dangling;
        }
    }
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Fault::Missing,
        _ => Fault::Refused(error),
    }
}

impl Fault {
    /// It as an issue about the path.
    pub(super) fn issue(self, path: &str) -> Issue {
        let (code, message, hint) = match self {
            Self::Missing => (code::MATERIAL_MISSING, "does not exist".to_owned(), ""),
            Self::Dangling => {
                (code::MATERIAL_DANGLING, "is reached through a link that leads to nothing".to_owned(), "")
            }
            Self::Escapes(real) => {
                let message = format!("leads to {}, outside of the project", real.display());
                (code::MATERIAL_ESCAPES, message, "put a copy of it into the project")
            }
            Self::Folder => {
                (code::MATERIAL_SPECIAL, "is a folder".to_owned(), "name the files in it, with `*`")
            }
            Self::Special => (code::MATERIAL_SPECIAL, "is not a regular file".to_owned(), ""),
            Self::Refused(error) => (code::MATERIAL_MISSING, format!("cannot be read: {error}"), ""),
        };
        let issue = Issue::error(code, format!("the material `{path}` {message}"));
        if hint.is_empty() { issue } else { issue.with_hint(hint) }
    }
}
