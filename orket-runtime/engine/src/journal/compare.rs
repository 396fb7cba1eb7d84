//! Compares two runs in causal order, so that the first cause is named and not the last symptom:
//! build → input → plan → transcript → artifacts → output. Another build alone is no difference: where all that follows is
//! the same it is only another toolchain.

use super::case::{CASE, KEPT_BYTES_MAX};
use super::lines::Lines;
use super::recording::{payload, references};
use super::{Divergence, Place};
use crate::error::{Error, Phase};
use crate::kernel::{Checked, Plan};
use crate::registry::artifact::{self, ArtifactFile, ArtifactList};
use crate::registry::{ARTIFACT_MANIFEST, PLAN, RESULT};
use crate::store;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::{Issue, Location};
use orket_contract::transcript::{Kind, Record};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// The largest JSON file of a run that is read (64 MiB).
const JSON_BYTES_MAX: u64 = 64 << 20;
/// What of a plan is input.
const INPUTS: [&str; 5] = ["input", "kv_digest", "materials", "memory_digest", "seed"];

/// The first difference between two folders of runs or cases; `None` when they agree. Every file of
/// `expected` is looked at, so a record that was changed by hand is noticed.
///
/// # Errors
/// `case.invalid` or `transcript.damaged` when one cannot be read.
pub fn compare(expected: &Path, actual: &Path) -> Result<Option<Divergence>, Error> {
    first(expected, &Actual::Folder(actual))
}

/// The first difference between the folder of a run or case and a replay of it, whose events were compared as they came.
///
/// # Errors
/// As [`compare`].
pub(crate) fn compare_replay(
    expected: &Path,
    folder: &Path,
    plan: &Plan,
    checked: &Checked,
) -> Result<Option<Divergence>, Error> {
    first(expected, &Actual::Replay { folder, plan, checked })
}

/// What is compared with a record: another one, or a replay that is still at hand.
enum Actual<'a> {
    Folder(&'a Path),
    Replay { folder: &'a Path, plan: &'a Plan, checked: &'a Checked },
}

impl Actual<'_> {
    fn folder(&self) -> &Path {
        match self {
            Self::Folder(folder) | Self::Replay { folder, .. } => folder,
        }
    }

    fn plan(&self) -> Result<Map<String, Value>, Error> {
        match self {
            Self::Folder(folder) => read_json(folder, PLAN),
            Self::Replay { plan, .. } => Ok(json!(plan).as_object().cloned().unwrap_or_default()),
        }
    }

    fn transcript(&self, expected: &Path) -> Result<Option<Divergence>, Error> {
        match self {
            Self::Folder(folder) => transcripts(expected, folder),
            Self::Replay { .. } => Ok(None),
        }
    }

    fn artifacts(&self) -> Result<ArtifactList, Error> {
        match self {
            Self::Folder(folder) => read_json(folder, ARTIFACT_MANIFEST),
            Self::Replay { checked, .. } => Ok(checked.artifacts.clone()),
        }
    }

    fn result(&self) -> Result<Value, Error> {
        match self {
            Self::Folder(folder) => read_json(folder, RESULT),
            Self::Replay { checked, .. } => Ok(checked.result()),
        }
    }
}

/// The digest of the program that a run or case was made with, as far as it says so.
pub(crate) fn build_of(folder: &Path) -> Option<Digest> {
    let said = |name| {
        let read: Map<String, Value> = store::read_json(&folder.join(name), JSON_BYTES_MAX).ok()?;
        serde_json::from_value(read.get("build")?.clone()).ok()
    };
    // A case leaves it out of its plan, because another one is no difference.
    said(PLAN).or_else(|| said(CASE))
}

fn first(expected: &Path, actual: &Actual<'_>) -> Result<Option<Divergence>, Error> {
    let Some(divergence) = after_build(expected, actual)? else { return Ok(None) };
    let ran = match actual {
        Actual::Folder(folder) => build_of(folder),
        Actual::Replay { plan, .. } => Some(plan.build),
    };
    Ok(Some(match ran {
        Some(ran) => divergence.of_programs(build_of(expected), ran),
        None => divergence,
    }))
}

fn after_build(expected: &Path, actual: &Actual<'_>) -> Result<Option<Divergence>, Error> {
    let plans = (read_json(expected, PLAN)?, actual.plan()?);
    if let Some(divergence) = inputs(&plans).or_else(|| compiled(&plans)) {
        return Ok(Some(divergence));
    }
    if let Some(divergence) = actual.transcript(expected)? {
        return Ok(Some(divergence));
    }
    if let Some(divergence) = artifacts(expected, actual)? {
        return Ok(Some(divergence));
    }
    Ok(values(Place::Output, read_json(expected, RESULT)?, actual.result()?))
}

/// Two plans: what was expected, and what came.
type Plans = (Map<String, Value>, Map<String, Value>);

fn inputs((expected, actual): &Plans) -> Option<Divergence> {
    let part = |plan: &Map<String, Value>| -> Value {
        INPUTS.iter().filter_map(|key| Some(((*key).to_owned(), plan.get(*key)?.clone()))).collect()
    };
    values(Place::Input, part(expected), part(actual))
}

fn compiled((expected, actual): &Plans) -> Option<Divergence> {
    let part = |plan: &Map<String, Value>, key| plan.get(key).cloned().unwrap_or_default();
    ["plan", "plan_hash"]
        .into_iter()
        .find_map(|key| values(Place::Plan, part(expected, key), part(actual, key)))
}

fn read_json<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, Error> {
    let path = folder.join(name);
    store::read_json(&path, JSON_BYTES_MAX).map_err(|error| {
        let place = Location { file: path.display().to_string(), line: 0, column: 0 };
        let message = format!("the record cannot be used: {}", error.described());
        Error::refused(Phase::Preflight, Issue::error(code::CASE_INVALID, message).at(place))
    })
}

fn values(place: Place, expected: Value, actual: Value) -> Option<Divergence> {
    (expected != actual).then(|| Divergence::between(place, Some(expected), Some(actual), Vec::new()))
}

fn transcripts(expected: &Path, actual: &Path) -> Result<Option<Divergence>, Error> {
    let (left, right, parting) = Lines::load_two(expected, actual)?;
    check_payloads(expected, &left)?;
    check_payloads(actual, &right)?;
    let Some(index) = parting else { return Ok(None) };
    let (old, new) = (left.record(index)?, right.record(index)?);
    if let (Some(old), Some(new)) = (&old, &new)
        && (old.k, new.k) == (Kind::Artifact, Kind::Artifact)
        && old.op == new.op
        && let Some(found) = artifacts(expected, &Actual::Folder(actual))?
    {
        // The event has only the digest; the artifact itself says more.
        return Ok(Some(found));
    }
    let value =
        |record: Option<Record>| record.map(|record| serde_json::to_value(record).unwrap_or_default());
    let before = (index.saturating_sub(5)..index).filter_map(|at| left.record(at).transpose());
    let before =
        before.map(|record| Ok(value(Some(record?)).unwrap_or_default())).collect::<Result<_, Error>>()?;
    Ok(Some(Divergence::between(Place::Transcript { index }, value(old), value(new), before)))
}

/// Reads every payload beside a record once: what was changed there is a damage, and no difference.
fn check_payloads(dir: &Path, lines: &Lines) -> Result<(), Error> {
    let mut payloads = BTreeSet::new();
    for at in lines.with_payloads() {
        if let Some(record) = lines.record(at)? {
            payloads.extend(references(&record).cloned());
        }
    }
    payloads.iter().try_for_each(|reference| payload(dir, reference).map(drop))
}

fn artifacts(expected: &Path, actual: &Actual<'_>) -> Result<Option<Divergence>, Error> {
    let (left, right): (ArtifactList, _) = (read_json(expected, ARTIFACT_MANIFEST)?, actual.artifacts()?);
    let named = |list: &ArtifactList, path: &str| list.files.iter().find(|file| file.path == path).cloned();
    let paths: BTreeSet<&String> = left.files.iter().chain(&right.files).map(|file| &file.path).collect();
    let mut pairs = paths.into_iter().map(|path| (path, named(&left, path), named(&right, path)));
    let folder = actual.folder();
    if let Some(found) = pairs.find_map(|(path, old, new)| file(path, (expected, old), (folder, new))) {
        return Ok(Some(found));
    }
    // One file twice, another order or another digest: only a list that was changed has these.
    let place = Place::Artifact { path: ARTIFACT_MANIFEST.to_owned(), offset: None };
    Ok(values(place, json!(left), json!(right)))
}

/// Compares one artifact: what the lists say of it, and the bytes that lie beside them.
fn file(
    path: &str,
    (expected, old): (&Path, Option<ArtifactFile>),
    (actual, new): (&Path, Option<ArtifactFile>),
) -> Option<Divergence> {
    let (before, now) = (artifact::read(expected, path), artifact::read(actual, path));
    if let (Some(a), Some(b)) = (&before, &now)
        && a != b
    {
        return Some(at_byte(path, a, b));
    }
    // A case leaves large artifacts out.
    let lost = before.is_none() && old.as_ref().is_some_and(|file| file.size <= KEPT_BYTES_MAX);
    let place = Place::Artifact { path: path.to_owned(), offset: None };
    let old = old.filter(|_| !lost || new.is_none());
    (old != new).then(|| {
        Divergence::between(place, old.map(|file| json!(file)), new.map(|file| json!(file)), Vec::new())
    })
}

/// The first byte in which two artifacts differ, and what stands there in both.
fn at_byte(path: &str, expected: &[u8], actual: &[u8]) -> Divergence {
    let offset = expected.iter().zip(actual).take_while(|(a, b)| a == b).count();
    let window = |bytes: &[u8]| {
        let end = bytes.len().min(offset + 40);
        json!(String::from_utf8_lossy(&bytes[offset.min(end)..end]))
    };
    Divergence {
        place: Place::Artifact { path: path.to_owned(), offset: Some(offset as u64) },
        pointer: String::new(),
        expected: Some(window(expected)),
        actual: Some(window(actual)),
        before: Vec::new(),
        build: None,
    }
}
