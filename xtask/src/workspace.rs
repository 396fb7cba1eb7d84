//! The repository: its root, its packages, its files.
//!
//! Invariant: a file is one that git tracks or would track, so that what a build leaves behind is
//! never checked.

use crate::error::{Error, Result};
use crate::process;
use cargo_metadata::{Metadata, Package};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its root.
    pub(crate) root: PathBuf,
}

impl Workspace {
    /// The repository of this program's source.
    pub(crate) fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here);
        Ok(Self { root: root.canonicalize().map_err(Error::file("find", root))? })
    }

    /// The packages of the workspace, without their dependencies.
    pub(crate) fn packages(&self) -> Result<Vec<Package>> {
        self.packages_of(&self.root.join("Cargo.toml"))
    }

    /// The packages of another workspace.
    pub(crate) fn packages_of(&self, manifest: &Path) -> Result<Vec<Package>> {
        let mut command = process::cargo(self);
        command.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(manifest);
        let metadata: Metadata = serde_json::from_str(&process::stdout(&mut command)?)?;
        Ok(metadata.packages)
    }

    /// The manifests of the examples: packages outside of the workspace.
    pub(crate) fn examples(&self) -> Result<Vec<PathBuf>> {
        let all = self.files()?.into_iter().filter(|path| {
            path.starts_with("examples") && path.ends_with("Cargo.toml") && path.components().count() == 3
        });
        Ok(all.collect())
    }

    /// Every file, as a sorted path from the root.
    pub(crate) fn files(&self) -> Result<BTreeSet<PathBuf>> {
        let mut command = Command::new("git");
        command.current_dir(&self.root);
        // A clone may belong to another user than the one who checks it.
        command.args([
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = process::stdout(&mut command)?;
        let paths = listed.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from);
        // A file that was removed and not yet committed is still listed.
        Ok(paths.filter(|path| self.root.join(path).symlink_metadata().is_ok()).collect())
    }

    /// The text of a file; what is not text is empty.
    pub(crate) fn text(&self, path: &Path) -> Result<String> {
        let path = self.root.join(path);
        if path.is_symlink() || path.is_dir() {
            return Ok(String::new());
        }
        let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
        Ok(String::from_utf8(bytes).unwrap_or_default())
    }
}
