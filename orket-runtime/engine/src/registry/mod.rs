//! Writes the record of a checked run into its folder and makes the folder visible in one step.

pub mod artifact;
mod provenance;

use provenance::Files;
pub use provenance::Statement;
pub(crate) use provenance::{BUILD_TYPE, PREDICATE, STATEMENT, TRANSCRIPT_TEXT, builder};

use crate::ambient::AMBIENT;
use crate::attest::{self, PrivateKey, Signed};
use crate::clock;
use crate::error::Error;
use crate::journal::Digests;
use crate::kernel::{Checked, Plan};
use crate::permissions::Admitted;
use crate::reliable;
use crate::runs::FINDINGS;
use crate::store::{self, Stage, Store};
use orket_contract::digest::{Digest, domain};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The file that lists the artifacts.
pub const ARTIFACT_MANIFEST: &str = "artifact_manifest.json";
/// The file that says what a run was made of.
pub const PROVENANCE: &str = "provenance.json";
/// The file of the plan.
pub const PLAN: &str = "plan.json";
/// The file of the result.
pub const RESULT: &str = "result.json";
/// The file of what `kv` held at the end, when it held anything: `--kv` takes it.
pub const KV: &str = "kv.json";
/// The file of what is remembered of the profile at the end, when anything is: `--memory` takes it.
pub const MEMORY: &str = "memory.json";
/// The file of what varies between equal runs.
pub const RUN: &str = "run.json";

/// A run whose record is complete, not yet visible. Dropping it removes it.
#[derive(Debug)]
pub struct Finished {
    pub(crate) stage: Stage,
    pub(crate) store: Store,
    /// What was allowed.
    pub plan: Plan,
    /// What came of it.
    pub checked: Checked,
    /// The digests that equal runs share.
    pub digests: Digests,
    /// What the run is, before it came to anything: equal identities must come to equal digests.
    pub identity: Digest,
    /// What makes runs repeat and was not there.
    pub(crate) lacks: Vec<String>,
    started: String,
    /// Whether its answers came from a record.
    pub(crate) replays: bool,
}

/// A run that others can see.
#[derive(Debug, Serialize)]
pub struct Published {
    /// Its folder.
    pub folder: PathBuf,
    /// What was allowed.
    pub plan: Plan,
    /// The digests that equal runs share.
    pub digests: Digests,
    /// The files of the run.
    pub artifacts: artifact::ArtifactList,
    /// How the workload ended, and its output.
    pub result: orket_contract::result::WorkloadResult,
    /// What the author's `summarize` gave.
    pub summary: Option<serde_json::Map<String, serde_json::Value>>,
    /// What the validators found that does not stop the run.
    pub findings: Vec<orket_contract::issue::Issue>,
}

/// What varies between equal runs: kept apart from everything that is digested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunFacts {
    /// The strongest claim that was proven, here always the weakest: one execution proves nothing.
    pub claim: String,
    /// When the record was complete.
    pub finished: String,
    /// The digest of the provenance statement.
    pub provenance: Digest,
    /// When it started.
    pub started: String,
}

impl Finished {
    /// Writes the record of a checked run into its stage.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn record(
        stage: Stage,
        store: Store,
        plan: Plan,
        checked: Checked,
        admitted: &Admitted<'_>,
        started: String,
        replays: bool,
    ) -> Result<Self, Error> {
        let digests = checked.digests();
        let identity = identity(&plan, &checked)?;
        let dir = stage.dir();
        let (kv, memory) = (&checked.outcome.kv, &checked.outcome.memory);
        let ambient = checked.outcome.ambient.record(admitted.extension());
        let files = Files {
            ambient: (!ambient.is_empty())
                .then(|| store::stage_json(&dir.join(AMBIENT), &ambient))
                .transpose()?,
            artifact_manifest: store::stage_json(&dir.join(ARTIFACT_MANIFEST), &checked.artifacts)?,
            kv: (!kv.is_empty()).then(|| store::stage_json(&dir.join(KV), kv)).transpose()?,
            memory: (!memory.is_empty()).then(|| store::stage_json(&dir.join(MEMORY), memory)).transpose()?,
            plan: store::stage_json(&dir.join(PLAN), &plan)?,
            result: store::stage_json(&dir.join(RESULT), &checked.result())?,
        };
        if !checked.findings.is_empty() {
            store::stage_json(&dir.join(FINDINGS), &checked.findings)?;
        }
        let lacks = reliable::lacks(&plan.policy, &checked.outcome.layers, admitted.extension());
        let statement = Statement::of(&plan, &checked, &digests, &files, (admitted, &lacks))?;
        let provenance = store::stage_json(&dir.join(PROVENANCE), &statement)?;
        let facts = RunFacts {
            claim: "non_deterministic".to_owned(),
            finished: clock::stamp(),
            provenance,
            started: started.clone(),
        };
        store::stage_json(&dir.join(RUN), &facts)?;
        Ok(Self { stage, store, plan, checked, digests, identity, lacks, started, replays })
    }

    /// The folder while it is not yet visible: the same files as after.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.stage.dir()
    }

    /// Signs the record before anyone sees it.
    ///
    /// # Errors
    /// As [`attest::sign`](crate::attest::sign()); the run can still be dropped, and nothing is visible then.
    pub fn sign(&self, key: &PrivateKey) -> Result<Signed, Error> {
        let dir = self.stage.dir();
        // The staged materials are gone before the run is published.
        attest::sign_staged(dir, key, self.stage.workspace().file_name().and_then(|name| name.to_str()))
    }

    /// The folder that it would be published in. The store is locked.
    pub(crate) fn target(&self) -> Result<PathBuf, Error> {
        let runs = self.store.runs(&self.plan.workload);
        store::create_dir(&runs)?;
        Ok(free_name(&runs, &format!("{}-{}", compact(&self.started), &self.identity.to_string()[..8])))
    }

    /// Makes the run visible as `folder` by one rename.
    ///
    /// # Errors
    /// [`Error::Store`]; nothing is visible then.
    pub(crate) fn publish(self, folder: PathBuf) -> Result<Published, Error> {
        let inputs = [self.stage.workspace(), self.stage.guest()];
        for folder in inputs.iter().filter(|folder| folder.exists()) {
            std::fs::remove_dir_all(folder).map_err(Error::store("remove", folder))?;
        }
        self.stage.publish(&folder)?;
        Ok(Published {
            folder,
            plan: self.plan,
            digests: self.digests,
            artifacts: self.checked.artifacts,
            result: self.checked.outcome.result,
            summary: self.checked.summary,
            findings: self.checked.findings,
        })
    }
}

/// The digest of what makes a run what it is, besides what it came to.
fn identity(plan: &Plan, checked: &Checked) -> Result<Digest, Error> {
    let parts = json!({ "outside": checked.outcome.recorded.outside, "plan": plan.digest()? });
    Digest::within_json(domain::IDENTITY, &parts).map_err(|fault| Error::Store {
        doing: "digest",
        path: PLAN.into(),
        source: std::io::Error::other(fault),
    })
}

/// `2026-01-31T12:00:00Z` as a file name that sorts.
fn compact(stamp: &str) -> String {
    stamp.chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

/// The name, or the name with the first number that is free. The store is locked.
fn free_name(folder: &Path, name: &str) -> PathBuf {
    let numbered = |n: u32| if n == 0 { name.to_owned() } else { format!("{name}-{n}") };
    (0..).map(|n| folder.join(numbered(n))).find(|path| !path.exists()).unwrap_or_else(|| folder.join(name))
}
