//! Where a user's installed extensions lie: `$ORKET_HOME`.
//!
//! ```text
//! config.toml         what the user allows
//! catalog.sqlite      what is installed, and the audit
//! packages/<digest>/  the files of a package, read-only
//! state/<id>/         the runs of an installed extension
//! stage/              what is being installed
//! ```

use crate::error::{Error, Phase};
use crate::store::Store;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::id::ExtensionId;
use orket_contract::issue::Issue;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The variable that names the folder.
pub const VARIABLE: &str = "ORKET_HOME";

/// The folder of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    dir: PathBuf,
}

impl Home {
    /// The home in that folder; nothing is created yet.
    #[must_use]
    pub fn at(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The folder that `ORKET_HOME` names, else `.orket` in the user's home folder.
    ///
    /// # Errors
    /// `home.unknown` when neither is known.
    pub fn of_environment() -> Result<Self, Error> {
        Self::named(std::env::var_os(VARIABLE), std::env::home_dir())
    }

    fn named(orket: Option<OsString>, user: Option<PathBuf>) -> Result<Self, Error> {
        let orket = orket.filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let user = user.filter(|folder| folder.is_absolute()).map(|folder| folder.join(".orket"));
        let dir = orket.or(user).and_then(|folder| std::path::absolute(folder).ok()).ok_or_else(|| {
            let message = "neither `ORKET_HOME` nor `HOME` says where installed extensions lie";
            let hint = "set `ORKET_HOME` to a folder of yours";
            Error::refused(Phase::Install, Issue::error(code::HOME_UNKNOWN, message).with_hint(hint))
        })?;
        Ok(Self { dir })
    }

    /// The folder itself.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the user allows.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.dir.join("config.toml")
    }

    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> PathBuf {
        self.dir.join("catalog.sqlite")
    }

    /// The folder of all packages.
    #[must_use]
    pub fn packages(&self) -> PathBuf {
        self.dir.join("packages")
    }

    /// The files of one package.
    #[must_use]
    pub fn package(&self, digest: Digest) -> PathBuf {
        self.packages().join(digest.to_string())
    }

    /// Where the runs of an installed extension are kept.
    #[must_use]
    pub fn state(&self, id: &ExtensionId) -> Store {
        Store::at(self.dir.join("state").join(id.as_str()))
    }

    /// Where runs of installed extensions are kept, sorted; also of those that are no longer installed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn states(&self) -> Result<Vec<Store>, Error> {
        let states = self.dir.join("state");
        let entries = match std::fs::read_dir(&states) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::store("list", &states))?,
        };
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.retain(|folder| folder.is_dir());
        folders.sort();
        Ok(folders.into_iter().map(Store::at).collect())
    }

    /// The stages and the lock of what changes here.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::at(self.dir.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(orket: Option<&str>, user: Option<&str>, expected: Option<&str>) {
        let home = Home::named(orket.map(OsString::from), user.map(PathBuf::from));
        assert_eq!(home.as_ref().ok().map(Home::dir), expected.map(Path::new), "{home:?}");
    }

    #[test]
    fn the_variable_goes_before_the_home_folder() {
        check(Some("/srv/orket"), Some("/home/ann"), Some("/srv/orket"));
        check(None, Some("/home/ann"), Some("/home/ann/.orket"));
        check(Some(""), Some("/home/ann"), Some("/home/ann/.orket"));
        check(None, None, None);
        check(None, Some(""), None);
        let code = Home::named(None, None).expect_err("unknown").issues()[0].code.clone();
        assert_eq!(code, code::HOME_UNKNOWN);
    }
}
