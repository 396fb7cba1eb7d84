//! Where an extension is run for its checks: at home, without a capability, and in a folder with its materials alone.

use super::sample::Sample;
use crate::error::{Error, Result};
use crate::project;
use orket_contract::issue::Issue;
use orket_engine::journal::{Divergence, Recording, compare};
use orket_engine::loader::Candidate;
use orket_engine::registry::Finished;
use orket_engine::{ExtensionManager, Policy};
use std::path::Path;
use tempfile::TempDir;

/// What a run came to: its complete record, which nobody else sees, or why there is none.
pub(super) type Ran = std::result::Result<Finished, Vec<Issue>>;

/// One extension, ready to be run.
pub(super) struct Bench {
    /// At home: where its cases and materials lie.
    pub(super) home: ExtensionManager,
    candidate: Candidate,
    policy: Policy,
}

impl Bench {
    /// Loads an extension.
    ///
    /// # Errors
    /// What the loader refuses.
    pub(super) fn open(candidate: &Candidate, policy: &Policy) -> Result<Self> {
        let (candidate, policy) = (candidate.clone(), policy.clone());
        Ok(Self { home: manager(candidate.clone(), policy.clone())?, candidate, policy })
    }

    /// The same, with a capability denied.
    pub(super) fn denying(&self, capability: &str) -> Result<ExtensionManager> {
        let mut policy = self.policy.clone();
        policy.deny.insert(capability.to_owned());
        manager(self.candidate.clone(), policy)
    }

    /// The same, in a folder that holds these materials and nothing else. The folder lasts as long as the first part.
    pub(super) fn bare(&self, materials: &[String]) -> Result<(TempDir, ExtensionManager)> {
        let folder = tempfile::tempdir().map_err(Error::file("create", Path::new("a folder for a run")))?;
        for path in materials {
            let target = folder.path().join(path);
            let parent = target.parent().unwrap_or(folder.path());
            std::fs::create_dir_all(parent).map_err(Error::file("create", parent))?;
            std::fs::copy(self.candidate.materials.join(path), &target)
                .map_err(Error::file("copy", &target))?;
        }
        let policy = Policy { require_clean_git: false, ..self.policy.clone() };
        // In Python the manifest is one of the materials; a program is what it is wherever it lies.
        let artifact = match self.candidate.artifact.strip_prefix(&self.candidate.materials) {
            Ok(below) if project::is_manifest(below) => folder.path().join(below),
            _ => self.candidate.artifact.clone(),
        };
        let manager = manager(Candidate::new(folder.path().to_path_buf(), artifact), policy)?;
        Ok((folder, manager))
    }
}

fn manager(candidate: Candidate, policy: Policy) -> Result<ExtensionManager> {
    let mut manager = ExtensionManager::new(policy);
    manager.load(candidate)?;
    Ok(manager)
}

/// Runs once. Nothing is published.
///
/// # Errors
/// What the machine could not do; what the extension did wrong is within the answer.
pub(super) fn run(manager: &ExtensionManager, sample: &Sample) -> Result<Ran> {
    ran(manager.execute(sample.request(), None, &mut ()))
}

/// Runs once with every answer from a record; the first difference, if there is one.
///
/// # Errors
/// As [`run`].
pub(super) fn replay(
    manager: &ExtensionManager,
    sample: &Sample,
    record: &Path,
) -> Result<std::result::Result<Option<Divergence>, Vec<Issue>>> {
    let recording = match Recording::load(record) {
        Ok(recording) => recording,
        Err(error) => return refused(error),
    };
    match manager.execute(sample.request(), Some(recording), &mut ()) {
        Err(orket_engine::Error::Diverged(divergence)) => Ok(Ok(Some(*divergence))),
        ran => match self::ran(ran)? {
            Ok(finished) => Ok(Ok(compare(record, finished.folder())?)),
            Err(issues) => Ok(Err(issues)),
        },
    }
}

fn ran(ran: std::result::Result<Finished, orket_engine::Error>) -> Result<Ran> {
    ran.map(Ok).or_else(refused)
}

fn refused<T>(error: orket_engine::Error) -> Result<std::result::Result<T, Vec<Issue>>> {
    match error {
        refused @ (orket_engine::Error::Refused { .. } | orket_engine::Error::Diverged(_)) => {
            Ok(Err(refused.issues()))
        }
        other => Err(other.into()),
    }
}
