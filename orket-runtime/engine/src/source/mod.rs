//! Where extensions are installed from: what a word on the command line means, what the user allows, and
//! getting it.
//!
//! Invariants: an address that may hold a secret is refused before it is shown, kept or used. What the policy
//! does not allow is not asked for a single byte.

mod address;
mod fetch;
mod policy;

pub use address::{Address, Protocol};
pub use fetch::{Fetched, SOURCE_BYTES_MAX, fetch};
pub use policy::{Mode, SourcePolicy};

use crate::catalog::{Method, Place};
use crate::error::{Error, Phase};
use crate::package;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::path::{Path, PathBuf};

/// What to install from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The folder of a project, as it is.
    Folder(PathBuf),
    /// A package file.
    Package(PathBuf),
    /// A revision of a git repository; none is the one that it offers.
    Git {
        /// Where it lies.
        address: Address,
        /// The branch, tag or commit.
        rev: Option<String>,
    },
}

impl Source {
    /// What a word of the command line means: what is there, or else an address.
    ///
    /// # Errors
    /// `source.credentials`, `source.invalid`.
    pub fn parse(word: &str, rev: Option<&str>) -> Result<Self, Error> {
        let path = Path::new(word);
        let is_address = Address::is_one(word);
        if !is_address && path.is_file() && rev.is_none() {
            return Ok(Self::Package(absolute(path)));
        }
        if !is_address && path.is_dir() && rev.is_none() {
            return Ok(Self::Folder(absolute(path)));
        }
        if !is_address && !path.is_dir() {
            return Err(refused(nothing(path, rev)));
        }
        let address = if is_address { Address::parse(word) } else { Ok(Address::of_path(&absolute(path))) };
        let rev = rev.map(revision).transpose().map_err(refused)?;
        Ok(Self::Git { address: address.map_err(refused)?, rev })
    }

    /// What the catalog says of it; the commit as it was found.
    #[must_use]
    pub fn place(&self, commit: Option<String>) -> Place {
        let (method, location, rev) = match self {
            Self::Folder(path) => (Method::Folder, path.display().to_string(), None),
            Self::Package(path) => (Method::Package, path.display().to_string(), None),
            Self::Git { address, rev } => (Method::Git, address.to_string(), rev.clone()),
        };
        Place { method, location, rev, commit }
    }

    /// Whether it lies on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Folder(_) | Self::Package(_) => true,
            Self::Git { address, .. } => address.protocol == Protocol::File,
        }
    }
}

/// A branch, tag or commit that cannot be taken for an option, a range or a pattern.
fn revision(rev: &str) -> Result<String, Issue> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/+-@".contains(c);
    let is_name =
        rev.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && rev.chars().all(is_plain);
    if is_name && !rev.contains("..") && rev.len() <= 255 {
        return Ok(rev.to_owned());
    }
    let message = format!("`{}` is not the name of a branch, tag or commit", rev.escape_debug());
    Err(Issue::error(code::SOURCE_INVALID, message))
}

fn nothing(path: &Path, rev: Option<&str>) -> Issue {
    let shown = path.display();
    if rev.is_some() && path.is_file() {
        let message = format!("{shown} is a file, and `--rev` is for git repositories");
        return Issue::error(code::SOURCE_INVALID, message);
    }
    let issue =
        Issue::error(code::SOURCE_INVALID, format!("{shown} is neither file nor folder, nor an address"));
    issue.with_hint(format!(
        "a source is the folder of a project, a package (`.{}`), or the address of a git repository",
        package::EXTENSION
    ))
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn refused(issue: Issue) -> Error {
    Error::refused(Phase::Install, issue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_goes_before_what_looks_like_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("game.ork");
        std::fs::write(&file, "").expect("a file");
        let parse = |path: &Path, rev| Source::parse(path.to_str().expect("UTF-8"), rev);
        assert!(matches!(parse(folder.path(), None), Ok(Source::Folder(_))));
        assert!(matches!(parse(&file, None), Ok(Source::Package(_))));
        assert!(matches!(parse(folder.path(), Some("main")), Ok(Source::Git { rev: Some(_), .. })));
        assert!(matches!(parse(Path::new("https://example.org/x"), None), Ok(Source::Git { rev: None, .. })));
        for (path, rev) in [(file.as_path(), Some("main")), (&folder.path().join("absent"), None)] {
            assert_eq!(parse(path, rev).expect_err("refused").issues()[0].code, code::SOURCE_INVALID);
        }
    }

    #[test]
    fn a_revision_is_a_name_and_nothing_else() {
        for rev in ["main", "v1.0.0", "feature/x+y", "0123456789abcdef0123456789abcdef01234567", "_x"] {
            assert_eq!(revision(rev).as_deref(), Ok(rev));
        }
        for rev in ["", "--upload-pack=x", "a..b", "a:b", "a b", "HEAD~1", "a^{tree}", "*", "+main", "a\nb"] {
            assert_eq!(revision(rev).expect_err("refused").code, code::SOURCE_INVALID, "{rev:?}");
        }
    }
}
