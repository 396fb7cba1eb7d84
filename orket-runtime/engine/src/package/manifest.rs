//! The manifest of a package: what it holds, to the byte, and where it comes from.

use super::path::{self, Names};
use super::{
    FILES_BYTES_MAX, FILES_MAX, FORMAT, MANIFEST_BYTES_MAX, MATERIALS, PROGRAM, REPLAYS, SBOM, SCHEMAS,
    refused,
};
use crate::error::Error;
use crate::loader::Origin;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_contract::manifest::Manifest;
use orket_contract::{canonical, code};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What executes the extension of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A program of its own, one for each target.
    Native,
    /// An interpreter of the machine: manifest and sources of an older dialect lie among the materials.
    Python,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedFile {
    /// Its path in the package, with `/`.
    pub path: String,
    /// The digest of its bytes.
    pub sha256: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// What a package holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageManifest {
    /// What the extension claims, as its program does.
    pub extension: Manifest,
    /// The digest over the manifest's bytes in the program.
    pub extension_digest: Digest,
    /// All files but the manifest itself, sorted by the bytes of their paths.
    pub files: Vec<PackedFile>,
    /// The version of the format.
    pub format: u32,
    /// What executes it.
    pub kind: Kind,
    /// Where it comes from; never with the digest of a package.
    pub origin: Origin,
    /// The program for each target, by its path in the package.
    pub programs: BTreeMap<String, String>,
}

impl PackageManifest {
    /// Reads the manifest from its bytes.
    ///
    /// # Errors
    /// `package.format`; `package.too-large`, `package.path`, `package.duplicate` for a list of files that no package
    /// may have.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let unreadable = |why: String| {
            let message = format!("the package's `manifest.json` cannot be read: {why}");
            refused(Issue::error(code::PACKAGE_FORMAT, message))
        };
        if bytes.len() as u64 > MANIFEST_BYTES_MAX {
            return Err(unreadable(format!("it has more than {MANIFEST_BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?;
        let value =
            canonical::parse(text.trim_end_matches('\n')).map_err(|fault| unreadable(fault.message))?;
        if value["format"] != FORMAT {
            let message =
                format!("the package has format {}; this host reads format {FORMAT}", value["format"]);
            let hint = "a newer version of cargo-orket may read it";
            return Err(refused(Issue::error(code::PACKAGE_FORMAT, message).with_hint(hint)));
        }
        let manifest: Self = serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))?;
        if manifest.to_bytes()? != bytes {
            return Err(unreadable("it is not in canonical form".to_owned()));
        }
        manifest.check()?;
        Ok(manifest)
    }

    /// The manifest's bytes: canonical JSON and a newline.
    ///
    /// # Errors
    /// `package.format` when something in it has no canonical form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let text = canonical::to_string(self)
            .map_err(|fault| refused(Issue::error(code::PACKAGE_FORMAT, fault.message)))?;
        Ok(format!("{text}\n").into_bytes())
    }

    /// The file of that path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&PackedFile> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }

    /// The target and the program for a machine such as this one: that very target, else one for the same
    /// processor and system.
    #[must_use]
    pub fn program(&self) -> Option<(&str, &PackedFile)> {
        let (arch, system) = (std::env::consts::ARCH, std::env::consts::OS);
        let fits = |target: &str| {
            let mut parts = target.split('-');
            parts.next() == Some(arch) && parts.any(|part| part == system)
        };
        let (target, path) = self.programs.iter().find(|(target, _)| fits(target))?;
        Some((target, self.file(path)?))
    }

    /// Checks that the list of files is one that a package may have.
    ///
    /// # Errors
    /// `package.too-large`, `package.path`, `package.duplicate`, `package.format`.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.bounded()?;
        let mut names = Names::default();
        for file in &self.files {
            self.placed(&file.path)?;
            names.take(&file.path).map_err(|other| self.duplicate(&file.path, other))?;
        }
        if !self.files.is_sorted_by(|a, b| a.path < b.path) {
            let message = "the files in the package's `manifest.json` are not sorted by path";
            return Err(refused(Issue::error(code::PACKAGE_FORMAT, message)));
        }
        self.executable()
    }

    fn bounded(&self) -> Result<(), Error> {
        let total = self.files.iter().try_fold(0u64, |sum, file| sum.checked_add(file.size));
        let message = if self.files.len() > FILES_MAX {
            format!("the package lists {} files; at most {FILES_MAX} are read", self.files.len())
        } else if total.is_none_or(|total| total > FILES_BYTES_MAX) {
            format!("the files of the package have more than {FILES_BYTES_MAX} bytes together")
        } else {
            return Ok(());
        };
        Err(refused(Issue::error(code::PACKAGE_TOO_LARGE, message)))
    }

    /// Checks a path and that it lies where the format has a place for it.
    fn placed(&self, path: &str) -> Result<(), Error> {
        let bad = |why: &str| {
            refused(Issue::error(code::PACKAGE_PATH, format!("the path of the entry `{path}` {why}")))
        };
        path::check(path).map_err(bad)?;
        let known = match path.split_once('/') {
            Some((PROGRAM, _)) => self.programs.values().any(|program| program == path),
            Some((folder, _)) => [MATERIALS, REPLAYS, SCHEMAS].contains(&folder),
            None => path == SBOM,
        };
        if known { Ok(()) } else { Err(bad("is none that a package of this kind has")) }
    }

    fn executable(&self) -> Result<(), Error> {
        let wrong = |message: String| Err(refused(Issue::error(code::PACKAGE_FORMAT, message)));
        if self.origin.package.is_some() {
            return wrong("the package names the digest of a package as its origin".to_owned());
        }
        match self.kind {
            Kind::Native if self.programs.is_empty() => {
                return wrong("the package has no program".to_owned());
            }
            Kind::Python if !self.programs.is_empty() => {
                return wrong("the package of an extension in Python has a program".to_owned());
            }
            Kind::Native | Kind::Python => {}
        }
        for (target, path) in &self.programs {
            if *path != format!("{PROGRAM}/{target}") || self.file(path).is_none() {
                return wrong(format!(
                    "the program for `{target}` is not `{PROGRAM}/{target}` in the package"
                ));
            }
        }
        Ok(())
    }
    fn duplicate(&self, path: &str, other: &str) -> Error {
        let is_above = path.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
        let message = if path != other && !is_above {
            format!("the entries `{other}` and `{path}` are one on some file systems")
        } else if !is_above && self.files.iter().filter(|file| file.path == path).count() > 1 {
            format!("the package has the entry `{path}` twice")
        } else {
            format!("`{other}` is a file and a folder of the package")
        };
        refused(Issue::error(code::PACKAGE_DUPLICATE, message))
    }
}
