//! What is told of a recorded run, by people and for machines alike.

use super::relative;
use orket_contract::issue::Issue;
use orket_contract::result::WorkloadResult;
use orket_contract::transcript::Kind;
use orket_engine::Asked;
use orket_engine::journal::Recording;
use orket_engine::registry::RunFacts;
use orket_engine::registry::artifact::ArtifactList;
use orket_engine::runs::RecordedRun;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The facts of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Facts {
    /// The name of its folder.
    pub(crate) name: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// The extension.
    pub(crate) extension: String,
    /// The workload.
    pub(crate) workload: String,
    /// The seed, as a decimal string.
    pub(crate) seed: String,
    /// The capabilities that were admitted, and how often each operation of them was called.
    pub(crate) capabilities: Vec<Used>,
    /// The input.
    pub(crate) input: Value,
    /// When it ran, and what was claimed then; none of a case.
    #[serde(flatten)]
    pub(crate) times: Option<RunFacts>,
    /// How it ended, and its output.
    pub(crate) result: WorkloadResult,
    /// What the author's `summarize` gave.
    pub(crate) summary: Option<Map<String, Value>>,
    /// What the validators found that did not stop it.
    pub(crate) findings: Vec<Issue>,
    /// What it asked of its surroundings past the capabilities.
    pub(crate) surroundings: Vec<Asked>,
    /// Its files.
    pub(crate) artifacts: ArtifactList,
    /// How many events its transcript has.
    pub(crate) events: u64,
    /// The profile of the sandbox, where its layers amount to one.
    pub(crate) profile: Option<String>,
    /// What makes runs repeat and was not there, by name.
    pub(crate) lacks: Vec<String>,
    /// The layers of the sandbox, and the state of each.
    pub(crate) sandbox: BTreeMap<String, String>,
    /// What is named by digest.
    #[serde(serialize_with = "as_object")]
    pub(crate) digests: Vec<(&'static str, String)>,
    /// The line that replays it.
    pub(crate) replay: String,
}

/// A capability and the calls of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Used {
    /// Its name.
    pub(crate) name: String,
    /// How often each operation was called.
    pub(crate) calls: BTreeMap<String, u64>,
}

impl Facts {
    /// The facts of a run; its calls as far as its transcript can be read.
    pub(crate) fn of(run: &RecordedRun, recording: Option<&Recording>) -> Self {
        let plan = &run.plan;
        Self {
            name: run.name(),
            folder: run.folder.clone(),
            extension: plan.extension.id.to_string(),
            workload: plan.workload.to_string(),
            seed: plan.seed.to_string(),
            capabilities: used(&plan.capabilities, recording),
            input: plan.input.clone(),
            times: run.facts.clone(),
            result: run.result.clone(),
            summary: run.summary.clone(),
            findings: run.findings.clone(),
            surroundings: run.ambient.clone(),
            artifacts: run.artifacts.clone(),
            events: run.heads.count,
            profile: internal(run, "sandbox_profile").and_then(Value::as_str).map(str::to_owned),
            lacks: lacks(run),
            sandbox: sandbox(run),
            digests: digests(run),
            replay: format!("cargo orket replay {}", relative(&run.folder).display()),
        }
    }
}

fn used(admitted: &[String], recording: Option<&Recording>) -> Vec<Used> {
    let mut calls: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
    for record in recording.map(Recording::records).unwrap_or_default() {
        if let (Kind::Call, Some(capability), Some(op)) = (record.k, &record.cap, &record.op) {
            *calls.entry(capability).or_default().entry(op.clone()).or_default() += 1;
        }
    }
    let names: BTreeSet<&str> = admitted.iter().map(String::as_str).chain(calls.keys().copied()).collect();
    let entry =
        |name: &str| Used { name: name.to_owned(), calls: calls.get(name).cloned().unwrap_or_default() };
    names.into_iter().map(entry).collect()
}

/// What the provenance says that the host decided.
fn internal<'a>(run: &'a RecordedRun, name: &str) -> Option<&'a Value> {
    let internal = run.provenance.as_ref()?.pointer("/predicate/buildDefinition/internalParameters")?;
    internal.get(name)
}

/// What the provenance says that was missing of what makes runs repeat.
fn lacks(run: &RecordedRun) -> Vec<String> {
    let names = internal(run, "lacks").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What the provenance says of each layer.
fn sandbox(run: &RecordedRun) -> BTreeMap<String, String> {
    let layers = internal(run, "sandbox").and_then(Value::as_object);
    let state = |value: &Value| match value.pointer("/missing/message").and_then(Value::as_str) {
        Some(message) => format!("missing: {message}"),
        None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    };
    layers.into_iter().flatten().map(|(layer, value)| (layer.clone(), state(value))).collect()
}

fn digests(run: &RecordedRun) -> Vec<(&'static str, String)> {
    let plan = &run.plan;
    let known = [
        ("plan", Some(plan.plan_hash)),
        ("transcript", Some(run.heads.head)),
        ("artifacts", Some(run.artifacts.digest)),
        ("provenance", run.facts.as_ref().map(|facts| facts.provenance)),
        ("program", plan.build),
        ("manifest", plan.extension.manifest),
        ("input", plan.input_digest),
        ("kv", Some(plan.kv_digest)),
        ("memory", plan.memory_digest),
    ];
    known.into_iter().filter_map(|(name, digest)| Some((name, digest?.to_string()))).collect()
}

fn as_object<S: Serializer>(pairs: &[(&str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, digest)| (name, digest)))
}
