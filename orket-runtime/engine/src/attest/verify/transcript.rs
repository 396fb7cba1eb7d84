//! What the transcript and the records of its calls come to, and the statement compared with it.

use super::files::{Checked, Run, bytes};
use super::statement::{BYPRODUCTS, EXTERNAL, INTERNAL, Statement, parse};
use crate::authorization::AUTHORIZATION;
use crate::journal::{Recording, TRANSCRIPT};
use crate::registry::TRANSCRIPT_TEXT;
use orket_contract::digest::Hasher;
use orket_contract::issue::Issue;
use orket_contract::limit::RECORD_BYTES_MAX;
use orket_contract::transcript::Kind;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The transcript leads to its head, and its calls are of the capabilities that were used.
pub(super) fn transcript(run: &Run<'_>) -> Checked {
    let statement = run.statement;
    let recording = match &run.recording {
        Ok(recording) => recording,
        Err(issues) => return Ok(issues.clone()),
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
    Ok(differing.chain(used(recording, statement)).collect())
}

/// The four sets are those that the records of the calls end with.
pub(super) fn authorization(run: &Run<'_>) -> Checked {
    let (folder, statement) = (run.folder, run.statement);
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
