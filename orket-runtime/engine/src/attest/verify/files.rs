//! Recomputes what the files of a run come to, and compares it with what its statement says.

use super::Findings;
use super::statement::{
    BYPRODUCTS, DEPENDENCIES, Descriptor, EXTERNAL, INTERNAL, SUBJECT, Statement, differs, parse,
};
use crate::attest::{mismatch, place};
use crate::authorization::AUTHORIZATION;
use crate::journal::{BLOBS, INDEX, Recording, TRANSCRIPT};
use crate::permissions::Policy;
use crate::registry::artifact::{self, ArtifactList};
use crate::registry::{
    ARTIFACT_MANIFEST, KV, PLAN, PROVENANCE, RELIABLE, RESULT, RUN, RunFacts, TRANSCRIPT_TEXT, UNRELIABLE,
};
use crate::runs::FINDINGS;
use crate::store;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher, domain};
use orket_contract::issue::Issue;
use orket_contract::limit::RECORD_BYTES_MAX;
use orket_contract::result::ArtifactRef;
use orket_contract::transcript::Kind;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// The largest JSON file of a run that is read (64 MiB).
const JSON_BYTES_MAX: u64 = 64 << 20;

type Check = fn(&Path, &Statement) -> Checked;
type Checked = Result<Vec<Issue>, Issue>;

/// Checks every file of the folder.
pub(super) fn check(folder: &Path, statement: &Statement, findings: &mut Findings) {
    let checks: [(&str, Check); 8] = [
        ("the statement's digest in run.json", run),
        ("every subject and byproduct that is a file", described),
        ("input, kv snapshot, materials, policy and plan, from plan.json", plan),
        ("artifacts and their list", artifacts),
        ("output and summary, from result.json", output),
        ("the transcript, its payloads and its head", transcript),
        ("the capabilities, from authorization.jsonl", authorization),
        ("nothing lies in the folder that no run leaves", strangers),
    ];
    for (what, check) in checks {
        findings.take(what, check(folder, statement).unwrap_or_else(|issue| vec![issue]));
    }
}

fn bytes(path: &Path, max: u64) -> Result<Vec<u8>, Issue> {
    store::read_bounded(path, max).map_err(|error| error.issues().remove(0).at(place(path)))
}

fn json(folder: &Path, name: &str) -> Result<Value, Issue> {
    let path = folder.join(name);
    parse(&bytes(&path, JSON_BYTES_MAX)?, &path)
}

fn typed<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, Issue> {
    let value = json(folder, name)?;
    serde_json::from_value(value).map_err(|error| {
        mismatch(&folder.join(name), format!("it has another form than it must have: {error}"))
    })
}

fn digest_within(domain: &str, value: &Value, file: &Path) -> Result<Value, Issue> {
    Digest::within_json(domain, value)
        .map(|digest| json!(digest))
        .map_err(|fault| Issue::error(fault.code, fault.message).at(place(file)))
}

fn run(folder: &Path, statement: &Statement) -> Checked {
    let facts: RunFacts = typed(folder, RUN)?;
    let (stated, given) = (json!(facts.provenance), json!(statement.digest));
    Ok(differs(&folder.join(RUN), &stated, "/provenance", &given, PROVENANCE).into_iter().collect())
}

/// What the statement names as a file of the run is that file.
fn described(folder: &Path, statement: &Statement) -> Checked {
    let (subjects, byproducts) = (statement.list(SUBJECT)?, statement.list(BYPRODUCTS)?);
    let needed =
        [ARTIFACT_MANIFEST, RESULT].iter().filter(|name| !subjects.iter().any(|one| one.name == **name));
    let mut issues: Vec<Issue> =
        needed.map(|name| mismatch(&statement.path, format!("{SUBJECT} does not name `{name}`"))).collect();
    if folder.join(KV).exists() && !subjects.iter().any(|one| one.name == KV) {
        issues.push(mismatch(&folder.join(KV), "the statement does not name it".to_owned()));
    }
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

/// The plan agrees with itself and with the statement.
fn plan(folder: &Path, statement: &Statement) -> Checked {
    let (path, plan) = (folder.join(PLAN), json(folder, PLAN)?);
    let kv = if plan["kv"].is_null() { json!({}) } else { plan["kv"].clone() };
    let within = |domain, value: &Value| digest_within(domain, value, &path);
    let input = within(domain::INPUT, &plan["input"])?;
    let kv = within(domain::KV, &kv)?;
    let materials = within(domain::MATERIALS, &plan["materials"])?;
    let policy = within(domain::POLICY, &plan["policy"])?;
    let hash = Digest::of_json(&plan["plan"])
        .map_err(|fault| Issue::error(fault.code, fault.message).at(place(&path)))?;
    let hash = json!(hash);
    let own = [
        ("/input_digest", &input),
        ("/kv_digest", &kv),
        ("/materials_digest", &materials),
        ("/plan_hash", &hash),
    ];
    let own = own.into_iter().filter_map(|(pointer, given)| {
        let stated = plan.pointer(pointer).unwrap_or(&Value::Null);
        differs(&path, stated, pointer, given, "its content")
    });
    let builder = if plan["policy"]["reliable"] == true { RELIABLE } else { UNRELIABLE };
    let builder = json!(builder);
    let stated = [
        (EXTERNAL, "/capabilities/admitted", &plan["capabilities"]),
        (EXTERNAL, "/extension", &plan["extension"]["id"]),
        (EXTERNAL, "/input/sha256", &input),
        (EXTERNAL, "/seed", &plan["seed"]),
        (EXTERNAL, "/workload", &plan["workload"]),
        (INTERNAL, "/digests/input", &input),
        (INTERNAL, "/digests/kv", &kv),
        (INTERNAL, "/digests/materials", &materials),
        (INTERNAL, "/extension_version", &plan["extension"]["version"]),
        (INTERNAL, "/plan", &plan["plan"]),
        (INTERNAL, "/plan_hash", &hash),
        (INTERNAL, "/policy", &plan["policy"]),
        (INTERNAL, "/policy_digest", &policy),
        (INTERNAL, "/reliable", &plan["policy"]["reliable"]),
        (INTERNAL, "/workload_version", &plan["plan"]["workload_version"]),
        ("/predicate/runDetails/builder", "/id", &builder),
    ];
    let stated = stated
        .into_iter()
        .filter_map(|(above, below, given)| statement.compare(&format!("{above}{below}"), given, PLAN));
    Ok(own.chain(stated).chain(dependencies(&plan, statement)?).collect())
}

/// Program, manifest and materials are named as the plan names them.
fn dependencies(plan: &Value, statement: &Statement) -> Checked {
    let all = statement.list(DEPENDENCIES)?;
    let materials = plan["materials"].as_array().into_iter().flatten();
    let materials = materials
        .map(|one| (format!("workspace/{}", one["path"].as_str().unwrap_or_default()), &one["sha256"]));
    let wanted: Vec<(String, &Value)> = [
        ("extension".to_owned(), &plan["build"]),
        ("extension_manifest".to_owned(), &plan["extension"]["manifest"]),
    ]
    .into_iter()
    .chain(materials)
    .collect();
    let mut issues = Vec::new();
    for (name, given) in &wanted {
        let found = all.iter().find(|one| one.name == *name);
        let stated = found.map_or(Value::Null, |one| json!(one.sha256));
        let pointer = found.map_or_else(|| format!("{DEPENDENCIES} for `{name}`"), |one| one.pointer.clone());
        issues.extend(differs(&statement.path, &stated, &pointer, given, PLAN));
    }
    let more = all.iter().filter(|one| one.name.starts_with("workspace/"));
    let more = more.filter(|one| !wanted.iter().any(|(name, _)| *name == one.name));
    issues.extend(
        more.map(|one| mismatch(&statement.path, format!("{} is no material of the plan", one.pointer))),
    );
    Ok(issues)
}

/// Every artifact is there, with the bytes that list and statement name, and no other is.
fn artifacts(folder: &Path, statement: &Statement) -> Checked {
    let path = folder.join(ARTIFACT_MANIFEST);
    let listed: ArtifactList = typed(folder, ARTIFACT_MANIFEST)?;
    let references: Vec<ArtifactRef> = listed
        .files
        .iter()
        .filter_map(|file| {
            let path = file.path.strip_prefix("artifacts/")?.to_owned();
            Some(ArtifactRef {
                kind: file.kind.clone(),
                path,
                sha256: file.sha256.to_string(),
                size: file.size,
            })
        })
        .collect();
    let unlimited =
        Policy { artifact_bytes_max: u64::MAX, artifacts_bytes_max: u64::MAX, ..Policy::default() };
    let found = match artifact::list(folder, &references, &unlimited) {
        Ok(found) => found,
        Err(error) => {
            return Ok(error
                .issues()
                .into_iter()
                .map(|issue| Issue { stage: None, ..issue }.at(place(&path)))
                .collect());
        }
    };
    let mut issues: Vec<Issue> = listed
        .files
        .iter()
        .filter(|file| !found.files.contains(file))
        .map(|file| {
            let message = format!("`{}` is not there with the digest {}", file.path, file.sha256);
            Issue::error(code::ARTIFACT_MISMATCH, message).at(place(&folder.join(&file.path)))
        })
        .collect();
    issues.extend(
        differs(&path, &json!(listed), "the list", &json!(found), "the folder").filter(|_| issues.is_empty()),
    );
    issues.extend(statement.compare(
        &format!("{INTERNAL}/digests/artifacts"),
        &json!(found.digest),
        ARTIFACT_MANIFEST,
    ));
    issues.extend(subjects(&found, statement)?);
    Ok(issues)
}

fn is_artifact(name: &str) -> bool {
    artifact::FOLDERS.iter().any(|folder| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// The statement names the artifacts that were found, and no others.
fn subjects(found: &ArtifactList, statement: &Statement) -> Checked {
    let stated = statement.list(SUBJECT)?;
    let is = |one: &Descriptor, path: &str, digest| one.name == path && one.sha256 == Some(digest);
    let unnamed =
        found.files.iter().filter(|file| !stated.iter().any(|one| is(one, &file.path, file.sha256)));
    let unnamed = unnamed
        .map(|file| format!("{SUBJECT} does not name `{}` with the digest {}", file.path, file.sha256));
    let gone = stated
        .iter()
        .filter(|one| is_artifact(&one.name) && !found.files.iter().any(|file| file.path == one.name));
    let gone = gone.map(|one| format!("{} is no artifact of the run", one.pointer));
    Ok(unnamed.chain(gone).map(|what| mismatch(&statement.path, what)).collect())
}

fn output(folder: &Path, statement: &Statement) -> Checked {
    let (path, result) = (folder.join(RESULT), json(folder, RESULT)?);
    let output = json!({ "output": result["result"]["output"], "summary": result["summary"] });
    let output = digest_within(domain::OUTPUT, &output, &path)?;
    Ok(statement.compare(&format!("{INTERNAL}/digests/output"), &output, RESULT).into_iter().collect())
}

/// The transcript leads to its head, and its calls are of the capabilities that were used.
fn transcript(folder: &Path, statement: &Statement) -> Checked {
    let recording = match Recording::load(folder) {
        Ok(recording) => recording,
        Err(error) => {
            return Ok(error.issues().into_iter().map(|issue| Issue { stage: None, ..issue }).collect());
        }
    };
    let index = recording.index();
    let mut text = Hasher::default();
    for line in (0..index.count).filter_map(|at| recording.line(at)) {
        text.update(line.as_bytes());
        text.update(b"\n");
    }
    let described = statement.list(BYPRODUCTS)?;
    let at = described.iter().find(|one| one.name == TRANSCRIPT_TEXT);
    let at = at.map_or(BYPRODUCTS, |one| one.pointer.as_str());
    let given = [
        (format!("{INTERNAL}/digests/transcript"), json!(index.head)),
        (format!("{INTERNAL}/plan_hash"), json!(index.plan_hash)),
        (format!("{at}/annotations/head"), json!(index.head)),
        (format!("{at}/annotations/records"), json!(index.count)),
        (format!("{at}/digest/sha256"), json!(text.finish())),
    ];
    let differing = given.iter().filter_map(|(pointer, given)| statement.compare(pointer, given, TRANSCRIPT));
    Ok(differing.chain(used(&recording, statement)).collect())
}

/// The four sets are those that the records of the calls end with.
fn authorization(folder: &Path, statement: &Statement) -> Checked {
    let path = folder.join(AUTHORIZATION);
    let bytes = bytes(&path, RECORD_BYTES_MAX)?;
    let last = bytes.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let last = parse(last, &path)?;
    let pointer = format!("{EXTERNAL}/capabilities");
    Ok(statement.compare(&pointer, &last["sets"], AUTHORIZATION).into_iter().collect())
}

/// A capability is stated as used when a call of it was answered, and only when it was called.
fn used(recording: &Recording, statement: &Statement) -> Option<Issue> {
    let calls = || recording.records().iter().filter(|record| record.k == Kind::Call);
    let called: BTreeSet<&str> = calls().filter_map(|record| record.cap.as_deref()).collect();
    let answered: BTreeSet<&str> =
        calls().filter(|record| record.err.is_none()).filter_map(|record| record.cap.as_deref()).collect();
    let pointer = format!("{EXTERNAL}/capabilities/used");
    let stated: BTreeSet<&str> =
        statement.at(&pointer).as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if answered.is_subset(&stated) && stated.is_subset(&called) {
        return None;
    }
    statement.compare(&pointer, &json!(answered), TRANSCRIPT)
}

/// Payloads that no record names, and files that no run leaves.
fn strangers(folder: &Path, statement: &Statement) -> Checked {
    let recording = Recording::load(folder).ok();
    let payloads: BTreeSet<String> =
        recording.iter().flat_map(Recording::payloads).map(|digest| format!("{BLOBS}/{digest}")).collect();
    let files = crate::attest::record::files(folder, None).map_err(|error| error.issues().remove(0))?;
    let (subjects, byproducts) = (statement.list(SUBJECT)?, statement.list(BYPRODUCTS)?);
    let own = [TRANSCRIPT, INDEX, PROVENANCE, RUN, FINDINGS];
    let known = |path: &str| {
        own.contains(&path)
            || path.starts_with("logs/")
            || payloads.contains(path)
            || subjects.iter().chain(&byproducts).any(|one| one.name == path)
    };
    // Without a transcript nobody knows which payloads belong to it; that is an issue already.
    let strange =
        files.iter().filter(|path| !known(path) && (recording.is_some() || !path.starts_with(BLOBS)));
    Ok(strange.map(|path| mismatch(&folder.join(path), "no run leaves such a file".to_owned())).collect())
}
