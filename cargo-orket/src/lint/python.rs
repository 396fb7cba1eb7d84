//! What the sources of an extension in Python may not import, found by a guest that runs nothing of them.

use crate::args::PolicyArgs;
use crate::error::Result;
use crate::{host, project};
use orket_contract::issue::{Issue, Location};
use orket_engine::ExtensionManager;
use orket_engine::loader::Resolved;
use std::path::PathBuf;

/// All findings in the extensions of some folders.
///
/// # Errors
/// `python.missing`, and what the loader refuses.
pub(crate) fn findings(folders: &[PathBuf]) -> Result<Vec<Issue>> {
    let mut manager = ExtensionManager::new(host::policy(&PolicyArgs::default())?);
    for folder in folders {
        project::load_python(&mut manager, folder)?;
    }
    let mut findings = Vec::new();
    for extension in manager.extensions() {
        findings.extend(sources(&manager, extension)?);
    }
    Ok(findings)
}

/// The findings in one extension, each with the path of its file as it is written from here.
///
/// # Errors
/// As [`findings`].
pub(crate) fn sources(manager: &ExtensionManager, extension: &Resolved) -> Result<Vec<Issue>> {
    let shown = |at: Location| {
        let file = host::relative(&extension.root().join(&at.file)).display().to_string();
        Location { file, ..at }
    };
    let found = manager.scan(extension)?.into_iter();
    Ok(found.map(|issue| Issue { location: issue.location.clone().map(shown), ..issue }).collect())
}
