//! Compares two runs in causal order, so that the first cause is named and not the last symptom:
//! input → plan → transcript → artifacts → output.

use super::{Divergence, Place, Recording};
use crate::error::Error;
use crate::registry::artifact::{ArtifactFile, ArtifactList};
use crate::registry::{ARTIFACT_MANIFEST, PLAN, RESULT};
use crate::store;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The largest JSON file of a run that is read (64 MiB).
const JSON_BYTES_MAX: u64 = 64 << 20;
/// What of a plan is input.
const INPUTS: [&str; 4] = ["input", "kv_digest", "materials", "seed"];

/// The first difference between two folders of runs or cases; `None` when they agree.
///
/// # Errors
/// [`Error::Store`] or `transcript.damaged` when one cannot be read.
pub fn compare(expected: &Path, actual: &Path) -> Result<Option<Divergence>, Error> {
    for step in [inputs, plans, transcripts, artifacts, outputs] {
        if let Some(divergence) = step(expected, actual)? {
            return Ok(Some(divergence));
        }
    }
    Ok(None)
}

fn inputs(expected: &Path, actual: &Path) -> Result<Option<Divergence>, Error> {
    let read = |folder: &Path| -> Result<Value, Error> {
        let plan: Map<String, Value> = store::read_json(&folder.join(PLAN), JSON_BYTES_MAX)?;
        Ok(plan.into_iter().filter(|(key, _)| INPUTS.contains(&key.as_str())).collect::<Map<_, _>>().into())
    };
    Ok(values(Place::Input, read(expected)?, read(actual)?))
}

fn plans(expected: &Path, actual: &Path) -> Result<Option<Divergence>, Error> {
    let read = |folder: &Path| -> Result<Value, Error> {
        let mut plan: Value = store::read_json(&folder.join(PLAN), JSON_BYTES_MAX)?;
        Ok(plan["plan"].take())
    };
    Ok(values(Place::Plan, read(expected)?, read(actual)?))
}

fn outputs(expected: &Path, actual: &Path) -> Result<Option<Divergence>, Error> {
    let read = |folder: &Path| store::read_json::<Value>(&folder.join(RESULT), JSON_BYTES_MAX);
    Ok(values(Place::Output, read(expected)?, read(actual)?))
}

fn values(place: Place, expected: Value, actual: Value) -> Option<Divergence> {
    (expected != actual).then(|| Divergence::between(place, Some(expected), Some(actual), Vec::new()))
}

fn transcripts(expected: &Path, actual: &Path) -> Result<Option<Divergence>, Error> {
    let (left, right) = (Recording::load(expected)?, Recording::load(actual)?);
    let count = left.index().count.max(right.index().count);
    let Some(index) = (0..count).find(|&at| left.line(at) != right.line(at)) else { return Ok(None) };
    let value = |recording: &Recording| {
        recording.record(index).map(|record| serde_json::to_value(record).unwrap_or_default())
    };
    let before = (index.saturating_sub(5)..index).filter_map(|at| left.record(at));
    let before = before.map(|record| serde_json::to_value(record).unwrap_or_default()).collect();
    Ok(Some(Divergence::between(Place::Transcript { index }, value(&left), value(&right), before)))
}

fn artifacts(expected: &Path, actual: &Path) -> Result<Option<Divergence>, Error> {
    let read =
        |folder: &Path| store::read_json::<ArtifactList>(&folder.join(ARTIFACT_MANIFEST), JSON_BYTES_MAX);
    let (left, right) = (read(expected)?.files, read(actual)?.files);
    let named = |files: &[ArtifactFile], path: &str| files.iter().find(|file| file.path == path).cloned();
    let mut paths: Vec<&String> = left.iter().chain(&right).map(|file| &file.path).collect();
    paths.sort();
    let differing = paths.into_iter().find(|path| named(&left, path) != named(&right, path));
    let Some(path) = differing else { return Ok(None) };
    let (old, new) = (named(&left, path), named(&right, path));
    let bytes = |folder: &Path, file: &Option<ArtifactFile>| {
        file.as_ref().and_then(|file| std::fs::read(folder.join(&file.path)).ok())
    };
    if let (Some(a), Some(b)) = (bytes(expected, &old), bytes(actual, &new))
        && a != b
    {
        return Ok(Some(at_byte(path, &a, &b)));
    }
    let place = Place::Artifact { path: path.clone(), offset: None };
    Ok(Some(Divergence::between(place, old.map(|file| json!(file)), new.map(|file| json!(file)), Vec::new())))
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
    }
}
