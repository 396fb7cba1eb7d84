//! The list of all files of a run, as a statement of its own.
//!
//! The provenance is equal for equal runs, so it says nothing of times and logs. This statement does: when it
//! is signed, no file of the folder can be changed, added or removed unnoticed.

use super::envelope::shown;
use super::{RECORD, SIGNATURES, mismatch};
use crate::error::{Error, Phase};
use crate::registry::{PROVENANCE, STATEMENT, artifact};
use orket_contract::code;
use orket_contract::issue::Issue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The type of the statement about the files of a run.
pub(super) const RECORD_TYPE: &str = "https://orket.dev/run-record/v1";
/// The most files that a run's folder may have.
const FILES_MAX: usize = 100_000;

/// The statement about the files that lie in `folder` now, but those that signing writes and `skipped`.
///
/// # Errors
/// `artifact.linked`, `artifact.special`, `artifact.traversal`, `artifact.too-many`, [`Error::Store`].
pub(super) fn statement(folder: &Path, skipped: Option<&str>) -> Result<Value, Error> {
    let mut subject = Vec::new();
    for path in files(folder, skipped)? {
        let file = artifact::hash(folder, &path, u64::MAX).map_err(refused)?;
        subject.push(json!({ "digest": { "sha256": file.sha256 }, "name": path }));
    }
    Ok(json!({
        "_type": STATEMENT,
        "predicate": { "provenance": PROVENANCE },
        "predicateType": RECORD_TYPE,
        "subject": subject,
    }))
}

fn refused(issue: Issue) -> Error {
    Error::refused(Phase::Record, issue)
}

/// Every path below the folder that is no folder, sorted.
pub(super) fn files(folder: &Path, skipped: Option<&str>) -> Result<Vec<String>, Error> {
    let (mut paths, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(above) = folders.pop() {
        let path = folder.join(&above);
        for entry in fs::read_dir(&path).map_err(Error::store("list", &path))? {
            let entry = entry.map_err(Error::store("list", &path))?;
            let Ok(name) = entry.file_name().into_string() else {
                let message = format!("{} has a name that is not UTF-8", entry.path().display());
                return Err(refused(Issue::error(code::ARTIFACT_TRAVERSAL, message)));
            };
            let below = if above.is_empty() { name } else { format!("{above}/{name}") };
            let kind = entry.file_type().map_err(Error::store("read", &entry.path()))?;
            if SIGNATURES.contains(&below.as_str()) || skipped == Some(below.as_str()) {
                continue;
            }
            if kind.is_dir() {
                folders.push(below);
            } else {
                paths.push(below);
            }
            if paths.len() + folders.len() > FILES_MAX {
                let message = format!("the folder of a run has at most {FILES_MAX} files");
                return Err(refused(Issue::error(code::ARTIFACT_TOO_MANY, message)));
            }
        }
    }
    paths.sort();
    Ok(paths)
}

/// In what the files of a folder differ from those that a signed statement names.
pub(super) fn compare(folder: &Path, signed: &Value) -> Vec<Issue> {
    let whole = match statement(folder, None) {
        Ok(whole) => whole,
        Err(error) => return error.issues(),
    };
    // Not the files alone: also the types, the order, each name once.
    if whole == *signed {
        return Vec::new();
    }
    let (now, then) = (digests(&whole), digests(signed));
    let names: BTreeSet<&str> = now.keys().chain(then.keys()).copied().collect();
    let differing = names.into_iter().filter_map(|name| {
        let what = match (then.get(name), now.get(name)) {
            (Some(then), Some(now)) if then != now => {
                format!("`{name}` has the digest {now}, signed is {}", shown(then))
            }
            (Some(_), None) => format!("`{}` is missing; it was there when the run was signed", shown(name)),
            (None, Some(_)) => format!("`{name}` was not there when the run was signed"),
            _ => return None,
        };
        Some(mismatch(&folder.join(name), what))
    });
    let issues: Vec<Issue> = differing.collect();
    if issues.is_empty() {
        return vec![mismatch(&folder.join(RECORD), "it is not the list of a run's files".to_owned())];
    }
    issues
}

fn digests(statement: &Value) -> BTreeMap<&str, &str> {
    let subjects = statement["subject"].as_array().into_iter().flatten();
    subjects.filter_map(|one| Some((one["name"].as_str()?, one["digest"]["sha256"].as_str()?))).collect()
}
