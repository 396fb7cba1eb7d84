//! One run or case, read back from its folder into types.

use crate::ambient::{AMBIENT, Asked};
use crate::capability::{Kv, Profile};
use crate::error::{Error, Phase};
use crate::journal::case::{CASE, Case};
use crate::journal::{INDEX, Index, Recording};
use crate::materials::StagedMaterial;
use crate::registry::artifact::{self, ArtifactFile, ArtifactList};
use crate::registry::{ARTIFACT_MANIFEST, PLAN, PROVENANCE, RESULT, RUN, RunFacts};
use crate::store;
use orket_contract::code;
use orket_contract::digest::{Digest, domain};
use orket_contract::id::{ExtensionId, WorkloadId};
use orket_contract::issue::{Issue, Location};
use orket_contract::plan::RunPlan;
use orket_contract::protocol::decimal;
use orket_contract::result::WorkloadResult;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The file of what the validators found that did not stop the run, where they found something.
pub const FINDINGS: &str = "findings.json";
/// The largest JSON file of a run that is read (64 MiB).
const JSON_BYTES_MAX: u64 = 64 << 20;

/// What a run was allowed, as far as its record says: a case keeps less than a run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RecordedPlan {
    /// The digest of the program.
    pub build: Option<Digest>,
    /// The capabilities that were admitted, sorted.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The extension.
    pub extension: RecordedExtension,
    /// The input.
    pub input: Value,
    /// Its digest.
    pub input_digest: Option<Digest>,
    /// The snapshot that `kv` started from.
    #[serde(default)]
    pub kv: Kv,
    /// The digest of that snapshot.
    pub kv_digest: Digest,
    /// The profile that `memory` started from.
    #[serde(default)]
    pub memory: Profile,
    /// The digest of that profile, where there was one.
    #[serde(default)]
    pub memory_digest: Option<Digest>,
    /// The materials, as staged.
    pub materials: Vec<StagedMaterial>,
    /// The author's plan.
    pub plan: RunPlan,
    /// Its digest.
    pub plan_hash: Digest,
    /// The operator's policy.
    #[serde(default)]
    pub policy: Value,
    /// A name that equal runs share.
    #[serde(default)]
    pub run_id: String,
    /// The seed.
    #[serde(with = "decimal")]
    pub seed: u64,
    /// The workload.
    pub workload: WorkloadId,
}

/// Which extension a run was of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RecordedExtension {
    /// Its stable name.
    pub id: ExtensionId,
    /// The digest over its manifest's bytes.
    pub manifest: Option<Digest>,
    /// Its version; empty in a case.
    #[serde(default)]
    pub version: String,
}

/// A run or case, read back.
#[derive(Debug)]
pub struct RecordedRun {
    /// Its folder.
    pub folder: PathBuf,
    /// What it was allowed.
    pub plan: RecordedPlan,
    /// What varies between equal runs; none of a case.
    pub facts: Option<RunFacts>,
    /// How the workload ended, and its output.
    pub result: WorkloadResult,
    /// What the author's `summarize` gave.
    pub summary: Option<Map<String, Value>>,
    /// Its files.
    pub artifacts: ArtifactList,
    /// The heads of its transcript.
    pub heads: Index,
    /// What the validators found that did not stop it.
    pub findings: Vec<Issue>,
    /// What it asked of its surroundings past the capabilities.
    pub ambient: Vec<Asked>,
    /// What it was made of, an in-toto Statement; none of a case.
    pub provenance: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    result: WorkloadResult,
    summary: Option<Map<String, Value>>,
}

impl RecordedRun {
    /// Reads the run or case in a folder. What its digests say is not recomputed: see [`RecordedRun::check`].
    ///
    /// # Errors
    /// `case.missing` when the folder holds neither; `case.invalid`; `run.damaged`, for every file that
    /// cannot be read.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let case = folder.join(CASE).is_file().then(|| Case::load(folder)).transpose()?;
        if case.is_none() && !folder.join(PLAN).is_file() && !folder.join(RUN).is_file() {
            let message = format!("{} is not the folder of a run or case", folder.display());
            return Err(Error::refused(Phase::Preflight, Issue::error(code::CASE_MISSING, message)));
        }
        let mut issues = Vec::new();
        let plan = kept(plan(folder, case.as_ref()), &mut issues);
        let ended: Option<Ended> = kept(read(folder, RESULT), &mut issues);
        let artifacts = kept(read(folder, ARTIFACT_MANIFEST), &mut issues);
        let heads = kept(read(folder, INDEX), &mut issues);
        let findings = kept(optional(folder, FINDINGS), &mut issues).flatten();
        let ambient = kept(optional(folder, AMBIENT), &mut issues).flatten();
        let (facts, provenance) = match case {
            Some(_) => (None, None),
            None => (kept(read(folder, RUN), &mut issues), kept(read(folder, PROVENANCE), &mut issues)),
        };
        match (plan, ended, artifacts, heads) {
            (Some(plan), Some(ended), Some(artifacts), Some(heads)) if issues.is_empty() => Ok(Self {
                folder: folder.to_path_buf(),
                plan,
                facts,
                result: ended.result,
                summary: ended.summary,
                artifacts,
                heads,
                findings: findings.unwrap_or_default(),
                ambient: ambient.unwrap_or_default(),
                provenance,
            }),
            _ => Err(Error::Refused { phase: Phase::Preflight, issues }),
        }
    }

    /// The name of its folder.
    #[must_use]
    pub fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The record of its events, whole.
    ///
    /// # Errors
    /// `transcript.damaged`.
    pub fn recording(&self) -> Result<Recording, Error> {
        Recording::load(&self.folder)
    }

    /// The bytes of one of its artifacts, unless they are not there or more than 32 MiB.
    #[must_use]
    pub fn artifact(&self, path: &str) -> Option<Vec<u8>> {
        artifact::read(&self.folder, path)
    }

    /// An artifact as a file, opened without following a link.
    ///
    /// # Errors
    /// `artifact.*`.
    pub fn open(&self, path: &str) -> Result<std::fs::File, Issue> {
        artifact::open_listed(&self.folder, path)
    }

    /// The beginning of one of its logs: `log.jsonl`, `stdout` or `stderr`. A log is no part of the record.
    #[must_use]
    pub fn log(&self, name: &str, bytes_max: usize) -> Option<String> {
        let file = artifact::open_listed(&self.folder, &format!("logs/{name}")).ok()?;
        let mut bytes = Vec::new();
        file.take(bytes_max as u64).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What of the folder is not what its digests say, from the bytes: plan, artifacts and provenance.
    /// [`RecordedRun::recording`] does the same for the transcript. An artifact that a case leaves out
    /// is not missed.
    #[must_use]
    pub fn check(&self) -> Vec<Issue> {
        let mut issues: Vec<Issue> =
            self.artifacts.files.iter().filter_map(|file| self.changed(file)).collect();
        let damaged = |file: &str, what: &str| damaged(&self.folder.join(file), what);
        if Digest::of_json(&self.plan.plan).ok() != Some(self.plan.plan_hash) {
            issues.push(damaged(PLAN, "the plan is not the one that its digest names"));
        }
        if self.heads.plan_hash != self.plan.plan_hash {
            issues.push(damaged(INDEX, "the transcript is of another plan"));
        }
        if Digest::within_json(domain::ARTIFACTS, &self.artifacts.files).ok() != Some(self.artifacts.digest) {
            issues.push(damaged(ARTIFACT_MANIFEST, "the artifacts are not those that its digest names"));
        }
        if let Some(facts) = &self.facts
            && self.provenance_digest() != Some(facts.provenance)
        {
            issues.push(damaged(PROVENANCE, "the provenance is not the one that run.json names"));
        }
        issues
    }

    fn provenance_digest(&self) -> Option<Digest> {
        let bytes = store::read_bounded(&self.folder.join(PROVENANCE), JSON_BYTES_MAX).ok()?;
        Some(Digest::of(&bytes))
    }

    fn changed(&self, file: &ArtifactFile) -> Option<Issue> {
        match artifact::hash(&self.folder, &file.path, file.size) {
            Ok(found) if found.sha256 == file.sha256.to_string() && found.size == file.size => None,
            Err(issue) if issue.code == code::ARTIFACT_MISSING && self.facts.is_none() => None,
            Err(issue) if issue.code != code::ARTIFACT_TOO_LARGE => Some(issue),
            _ => {
                let message =
                    format!("the artifact `{}` is not the one that was recorded", file.path.escape_debug());
                Some(Issue::error(code::ARTIFACT_MISMATCH, message))
            }
        }
    }
}

/// The plan of a run, or what a case keeps of it together with its description.
fn plan(folder: &Path, case: Option<&Case>) -> Result<RecordedPlan, Issue> {
    let Some(case) = case else { return read(folder, PLAN) };
    let mut plan: Map<String, Value> = read(folder, PLAN)?;
    plan.insert("extension".into(), serde_json::json!({ "id": case.extension }));
    plan.insert("workload".into(), case.workload.to_string().into());
    plan.insert("build".into(), case.build.to_string().into());
    plan.insert("kv".into(), serde_json::to_value(&case.kv).unwrap_or_default());
    plan.insert("memory".into(), serde_json::to_value(&case.memory).unwrap_or_default());
    serde_json::from_value(plan.into()).map_err(|error| damaged(&folder.join(PLAN), &error.to_string()))
}

fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, Issue> {
    let path = folder.join(name);
    store::read_json(&path, JSON_BYTES_MAX).map_err(|error| damaged(&path, &error.described()))
}

fn optional<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Option<T>, Issue> {
    if folder.join(name).exists() { read(folder, name).map(Some) } else { Ok(None) }
}

fn kept<T>(read: Result<T, Issue>, issues: &mut Vec<Issue>) -> Option<T> {
    read.map_err(|issue| issues.push(issue)).ok()
}

fn damaged(path: &Path, what: &str) -> Issue {
    let place = Location { file: path.display().to_string(), line: 0, column: 0 };
    Issue::error(code::RUN_DAMAGED, format!("the record of the run cannot be trusted: {what}")).at(place)
}
