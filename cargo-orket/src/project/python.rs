//! Folders of extensions in Python: a manifest of one of the older dialects, and no `Cargo.toml`.

use crate::args::Selection;
use crate::error::{Error, Result};
use crate::report::Report;
use orket_contract::code;
use orket_contract::formats::Dialect;
use orket_contract::issue::{Issue, Location};
use orket_engine::ExtensionManager;
use orket_engine::loader::{Candidate, Resolved};
use std::path::{Path, PathBuf};

/// Whether a folder is that of an extension in Python.
pub(crate) fn is_python(folder: &Path) -> bool {
    let older = Dialect::FILES.iter().filter(|(_, dialect)| *dialect != Dialect::Native);
    !folder.join("Cargo.toml").is_file() && older.clone().any(|(name, _)| folder.join(name).is_file())
}

/// Whether a path is that of a manifest of an older dialect.
pub(crate) fn is_manifest(path: &Path) -> bool {
    Dialect::of_path(&path.to_string_lossy()) != Dialect::Native
}

/// The folder of an extension in Python that a command is about: that of `--manifest-path`, else the working folder.
pub(super) fn folder(selection: &Selection) -> Result<Option<PathBuf>> {
    let wanted = &selection.workspace;
    let folder = match &selection.manifest.manifest_path {
        Some(path) if is_manifest(path) && path.is_file() => {
            path.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new(".")).to_path_buf()
        }
        Some(path) if is_python(path) => path.clone(),
        None if wanted.package.is_empty() && !wanted.workspace && !wanted.all => PathBuf::from("."),
        _ => return Ok(None),
    };
    if !is_python(&folder) {
        return Ok(None);
    }
    folder.canonicalize().map(Some).map_err(Error::file("find", &folder))
}

/// Reads the extension of a folder.
///
/// # Errors
/// What the loader refuses.
pub(crate) fn load<'m>(manager: &'m mut ExtensionManager, folder: &Path) -> Result<&'m Resolved> {
    let candidate = Candidate::of_folder(folder)?.ok_or_else(|| {
        let place = Location { file: folder.display().to_string(), ..Location::default() };
        Issue::error(code::PROJECT_NOT_FOUND, "there is no manifest and no Cargo.toml here").at(place)
    })?;
    Ok(manager.load(candidate)?)
}

/// Refuses a command that is about Rust packages where there is none.
pub(crate) fn needs_rust(packages: usize, what: &str) -> Result<()> {
    if packages > 0 {
        return Ok(());
    }
    let message = format!("there is nothing to {what}: the extension here is Python");
    Err(Issue::error(code::PROJECT_NOT_FOUND, message)
        .with_hint("`check --strict`, `run` and `verify` work")
        .into())
}

/// Shows what is odd about the extensions that offer a workload, or about all.
pub(crate) fn warn(manager: &ExtensionManager, workload: Option<&str>, report: &Report) {
    let meant = workload.and_then(|name| manager.find(name).ok()).map(|(extension, _)| extension.root());
    let shown = manager.extensions().filter(|one| meant.is_none_or(|root| one.root() == root));
    shown.flat_map(Resolved::warnings).for_each(|issue| report.issue(issue));
}
