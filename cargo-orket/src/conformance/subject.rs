//! What is examined: an extension that cargo built, one in Python, or one that is installed.

use super::Wanted;
use crate::error::Result;
use crate::host;
use crate::project::{self, Artifact};
use crate::report::Report;
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_engine::loader::{Candidate, Resolved};
use std::path::Path;

/// An extension, and what is known of how it came to be.
pub(super) struct Subject {
    /// What it is called where no manifest can be read.
    pub(super) name: String,
    /// What is loaded of it, again and again.
    pub(super) candidate: Candidate,
    /// Where it comes from.
    pub(super) origin: Origin,
}

/// Where an extension comes from.
pub(super) enum Origin {
    /// Cargo built it from its sources.
    Built(Box<Artifact>),
    /// Its sources are Python.
    Python,
    /// It was installed, compared with what was installed, and stays in place for as long as this is held.
    Installed(#[expect(dead_code, reason = "it holds a lock")] Box<Resolved>),
}

/// What the project offers.
///
/// # Errors
/// There is no project, or it cannot be built.
pub(super) fn of_project(wanted: &Wanted<'_>, report: &Report) -> Result<Vec<Subject>> {
    let project = project::discover(wanted.selection, report)?;
    let artifacts = project::build(&project.extensions, wanted.selection, report)?;
    let built = artifacts.into_iter().map(|artifact| Ok(Subject::built(artifact)));
    built.chain(project.python.iter().map(|folder| Subject::python(folder))).collect()
}

/// The installed extensions that offer the workload, where the command line leaves that open.
///
/// # Errors
/// `catalog.*`, and what says that an installed extension was changed.
pub(super) fn installed(wanted: &Wanted<'_>) -> Result<Vec<Subject>> {
    let name = wanted.workload.filter(|_| host::may_be_installed(wanted.selection));
    let found = name.map_or_else(|| Ok(Vec::new()), host::offering)?;
    Ok(found.into_iter().map(Subject::installed).collect())
}

impl Subject {
    fn built(artifact: Artifact) -> Self {
        let candidate = Candidate::new(artifact.extension.root.clone(), artifact.path.clone());
        Self { name: artifact.extension.name.clone(), candidate, origin: Origin::Built(Box::new(artifact)) }
    }

    fn python(folder: &Path) -> Result<Self> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let candidate = Candidate::of_folder(folder)?.ok_or_else(|| {
            Issue::error(code::PROJECT_NOT_FOUND, format!("there is no manifest in {}", folder.display()))
        })?;
        Ok(Self { name, candidate, origin: Origin::Python })
    }

    fn installed(resolved: Resolved) -> Self {
        let new = Candidate::new(resolved.root().to_path_buf(), resolved.artifact().to_path_buf());
        let (materials, store) = (resolved.materials().to_path_buf(), resolved.store().clone());
        let name = resolved.manifest().id.to_string();
        let candidate = Candidate { materials, store, ..new };
        Self { name, candidate, origin: Origin::Installed(Box::new(resolved)) }
    }
}
