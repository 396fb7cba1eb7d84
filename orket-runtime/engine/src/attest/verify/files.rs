//! Recomputes what the files of a run come to, and compares it with what its statement says.

use super::Findings;
use super::plan::plan;
use super::statement::{BYPRODUCTS, Descriptor, INTERNAL, SUBJECT, Statement, differs, parse};
use super::transcript::{authorization, transcript};
use crate::attest::{mismatch, place};
use crate::authorization::AUTHORIZATION;
use crate::journal::{BLOBS, INDEX, Recording, TRANSCRIPT};
use crate::registry::artifact::{self, ArtifactFile, ArtifactList};
use crate::registry::{
    ARTIFACT_MANIFEST, KV, MEMORY, PLAN, PROVENANCE, RESULT, RUN, RunFacts, TRANSCRIPT_TEXT,
};
use crate::runs::FINDINGS;
use crate::store;
use orket_contract::code;
use orket_contract::digest::{Digest, domain};
use orket_contract::issue::Issue;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The largest JSON file of a run that is read (64 MiB).
const JSON_BYTES_MAX: u64 = 64 << 20;

/// What the checks look at.
pub(super) struct Run<'a> {
    pub(super) folder: &'a Path,
    pub(super) statement: &'a Statement,
    /// The transcript, or why it cannot be used.
    pub(super) recording: Result<Recording, Vec<Issue>>,
}

pub(super) type Checked = Result<Vec<Issue>, Issue>;
type Check = fn(&Run<'_>) -> Checked;

/// The checks, each with what holds when it finds nothing.
const CHECKS: [(&str, Check); 8] = [
    ("the digest of the statement in run.json", facts),
    ("every file that is a subject or byproduct", described),
    ("input, kv snapshot, materials, policy and plan in plan.json", plan),
    ("the artifacts and their list", artifacts),
    ("output and summary in result.json", output),
    ("the transcript, its payloads and its head", transcript),
    ("the capabilities in authorization.jsonl", authorization),
    ("that no other file lies in the folder", strangers),
];

/// Checks every file of the folder.
pub(super) fn check(folder: &Path, statement: &Statement, findings: &mut Findings) {
    let recording = Recording::load(folder).map_err(|error| unstaged(error.issues()));
    let run = Run { folder, statement, recording };
    for (what, check) in CHECKS {
        findings.take(what, check(&run).unwrap_or_else(|issue| vec![issue]));
    }
}

/// Issues of the pipeline, which no stage of it has found here.
fn unstaged(issues: Vec<Issue>) -> Vec<Issue> {
    issues.into_iter().map(|issue| Issue { stage: None, ..issue }).collect()
}

pub(super) fn bytes(path: &Path, max: u64) -> Result<Vec<u8>, Issue> {
    store::read_bounded(path, max).map_err(|error| error.issues().remove(0).at(place(path)))
}

pub(super) fn json(folder: &Path, name: &str) -> Result<Value, Issue> {
    let path = folder.join(name);
    parse(&bytes(&path, JSON_BYTES_MAX)?, &path)
}

fn typed<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, Issue> {
    let value = json(folder, name)?;
    serde_json::from_value(value).map_err(|error| {
        mismatch(&folder.join(name), format!("it has another form than it must have: {error}"))
    })
}

pub(super) fn digest_within(domain: &str, value: &Value, file: &Path) -> Result<Value, Issue> {
    Digest::within_json(domain, value)
        .map(|digest| json!(digest))
        .map_err(|fault| Issue::error(fault.code, fault.message).at(place(file)))
}

fn facts(run: &Run<'_>) -> Checked {
    let (folder, statement) = (run.folder, run.statement);
    let facts: RunFacts = typed(folder, RUN)?;
    let (stated, given) = (json!(facts.provenance), json!(statement.digest));
    Ok(differs(&folder.join(RUN), &stated, "/provenance", &given, PROVENANCE).into_iter().collect())
}

/// What the statement names as a file of the run is that file.
fn described(run: &Run<'_>) -> Checked {
    let (folder, statement) = (run.folder, run.statement);
    let (subjects, byproducts) = (statement.list(SUBJECT)?, statement.list(BYPRODUCTS)?);
    let needed =
        [ARTIFACT_MANIFEST, RESULT].iter().filter(|name| !subjects.iter().any(|one| one.name == **name));
    let mut issues: Vec<Issue> =
        needed.map(|name| mismatch(&statement.path, format!("{SUBJECT} does not name `{name}`"))).collect();
    let unnamed = [KV, MEMORY].into_iter().filter(|name| !subjects.iter().any(|one| one.name == *name));
    let unnamed = unnamed.map(|name| folder.join(name)).filter(|path| path.exists());
    issues.extend(unnamed.map(|path| mismatch(&path, "the statement does not name it".to_owned())));
    let lacking =
        [AUTHORIZATION, PLAN].into_iter().filter(|name| !byproducts.iter().any(|one| one.name == *name));
    issues.extend(
        lacking.map(|name| mismatch(&statement.path, format!("{BYPRODUCTS} does not name `{name}`"))),
    );
    // Artifacts are compared with their list, too, where they all are.
    let files = subjects.iter().filter(|one| !is_artifact(&one.name));
    let files = files.chain(byproducts.iter().filter(|one| one.name != TRANSCRIPT_TEXT));
    issues.extend(files.filter_map(|one| same(folder, one)));
    Ok(issues)
}

/// The issue that a file is, unless it has the digest that is stated.
fn same(folder: &Path, described: &Descriptor) -> Option<Issue> {
    let path = folder.join(&described.name);
    match artifact::hash(folder, &described.name, u64::MAX) {
        Err(issue) => Some(issue.at(place(&path))),
        Ok(file) if described.sha256.is_some_and(|stated| stated.to_string() == file.sha256) => None,
        Ok(file) => {
            let stated = described.sha256.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
            let message = format!(
                "`{}` has the digest {}, {} is {stated}",
                described.name, file.sha256, described.pointer
            );
            Some(mismatch(&path, message))
        }
    }
}

/// Every artifact is there, with the bytes that list and statement name, and no other is.
fn artifacts(run: &Run<'_>) -> Checked {
    let (folder, statement) = (run.folder, run.statement);
    let path = folder.join(ARTIFACT_MANIFEST);
    let list: ArtifactList = typed(folder, ARTIFACT_MANIFEST)?;
    let mut listed: BTreeMap<&str, &ArtifactFile> =
        list.files.iter().map(|file| (file.path.as_str(), file)).collect();
    let found = artifact::found(folder).map_err(|issue| issue.at(place(folder)))?;
    let mut issues: Vec<Issue> =
        found.iter().filter_map(|path| other(folder, path, listed.remove(path.as_str()))).collect();
    issues.extend(listed.into_keys().map(|path| {
        Issue::error(code::ARTIFACT_MISSING, "it is listed and not there").at(place(&folder.join(path)))
    }));
    if !list.files.is_sorted_by(|a, b| a.path < b.path) {
        issues.push(mismatch(&path, "it is not sorted by path, each once".to_owned()));
    }
    let digest = digest_within(domain::ARTIFACTS, &json!(list.files), &path)?;
    issues.extend(differs(&path, &json!(list.digest), "/digest", &digest, "its content"));
    issues.extend(statement.compare(&format!("{INTERNAL}/digests/artifacts"), &digest, ARTIFACT_MANIFEST));
    issues.extend(subjects(&list, statement)?);
    Ok(issues)
}

/// The issue that an artifact is, unless it is the one that is listed.
fn other(folder: &Path, path: &str, listed: Option<&ArtifactFile>) -> Option<Issue> {
    let issue = match (artifact::hash(folder, path, u64::MAX), listed) {
        (Err(issue), _) => issue,
        (Ok(_), None) => {
            Issue::error(code::ARTIFACT_UNLISTED, format!("{ARTIFACT_MANIFEST} does not list it"))
        }
        (Ok(found), Some(listed))
            if found.sha256 == listed.sha256.to_string() && found.size == listed.size =>
        {
            return None;
        }
        (Ok(found), Some(listed)) => {
            let message = format!(
                "it has the digest {} and {} bytes, listed are {} and {}",
                found.sha256, found.size, listed.sha256, listed.size
            );
            Issue::error(code::ARTIFACT_MISMATCH, message)
        }
    };
    Some(issue.at(place(&folder.join(path))))
}

fn is_artifact(name: &str) -> bool {
    artifact::FOLDERS.iter().any(|folder| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// The statement names the artifacts that are listed, and no others.
fn subjects(list: &ArtifactList, statement: &Statement) -> Checked {
    let stated = statement.list(SUBJECT)?;
    let names: BTreeMap<&str, Option<Digest>> =
        stated.iter().map(|one| (one.name.as_str(), one.sha256)).collect();
    let paths: BTreeSet<&str> = list.files.iter().map(|file| file.path.as_str()).collect();
    let unnamed = list.files.iter().filter(|file| names.get(&*file.path) != Some(&Some(file.sha256)));
    let unnamed = unnamed
        .map(|file| format!("{SUBJECT} does not name `{}` with the digest {}", file.path, file.sha256));
    let gone = stated.iter().filter(|one| is_artifact(&one.name) && !paths.contains(&*one.name));
    let gone = gone.map(|one| format!("{} is no artifact of the run", one.pointer));
    Ok(unnamed.chain(gone).map(|what| mismatch(&statement.path, what)).collect())
}

fn output(run: &Run<'_>) -> Checked {
    let (folder, statement) = (run.folder, run.statement);
    let (path, result) = (folder.join(RESULT), json(folder, RESULT)?);
    let output = json!({ "output": result["result"]["output"], "summary": result["summary"] });
    let output = digest_within(domain::OUTPUT, &output, &path)?;
    Ok(statement.compare(&format!("{INTERNAL}/digests/output"), &output, RESULT).into_iter().collect())
}

/// Payloads that no record names, and files that no run leaves.
fn strangers(run: &Run<'_>) -> Checked {
    let (folder, statement) = (run.folder, run.statement);
    let recording = run.recording.as_ref().ok();
    let payloads: BTreeSet<String> = recording
        .into_iter()
        .flat_map(Recording::payloads)
        .map(|digest| format!("{BLOBS}/{digest}"))
        .collect();
    let files = crate::attest::record::files(folder, None).map_err(|error| error.issues().remove(0))?;
    let (subjects, byproducts) = (statement.list(SUBJECT)?, statement.list(BYPRODUCTS)?);
    let named: BTreeSet<&str> = subjects.iter().chain(&byproducts).map(|one| one.name.as_str()).collect();
    let own = [TRANSCRIPT, INDEX, PROVENANCE, RUN, FINDINGS];
    let known = |path: &str| {
        own.contains(&path) || path.starts_with("logs/") || payloads.contains(path) || named.contains(path)
    };
    // Without a transcript nobody knows which payloads belong to it; that is an issue already.
    let strange =
        files.iter().filter(|path| !known(path) && (recording.is_some() || !path.starts_with(BLOBS)));
    Ok(strange.map(|path| mismatch(&folder.join(path), "no run leaves such a file".to_owned())).collect())
}
