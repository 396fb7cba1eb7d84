//! Whether the envelopes hold for the keys that were given, and are about this very folder.

use super::statement::{Statement, parse};
use super::{Findings, Request, Signature};
use crate::attest::{
    BUNDLE, Bundle, ENVELOPE, ENVELOPE_BYTES_MAX, Envelope, KeyId, RECORD, mismatch, place, record,
};
use crate::registry::PROVENANCE;
use crate::store;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::path::Path;

/// The signatures on the statement.
pub(super) fn check(
    folder: &Path,
    statement: &Statement,
    request: &Request,
    findings: &mut Findings,
) -> Vec<Signature> {
    let envelope = match read(&folder.join(ENVELOPE), Envelope::parse) {
        Ok(Some(envelope)) => envelope,
        Ok(None) => {
            unsigned(folder, request, findings);
            return Vec::new();
        }
        Err(issue) => {
            findings.issues.push(issue);
            return Vec::new();
        }
    };
    let held = held(folder, &envelope, request, findings);
    findings
        .take_one("that the signed statement is the one in the folder", about(folder, &envelope, statement));
    bundle(folder, &envelope, findings);
    files(folder, request, findings);
    let signatures = envelope.signatures.iter().map(|one| Signature {
        verified: held.iter().any(|id| id.to_string() == one.keyid),
        keyid: one.keyid.clone(),
    });
    signatures.collect()
}

/// Nobody answers for an unsigned folder. That is an answer only while no key is given.
fn unsigned(folder: &Path, request: &Request, findings: &mut Findings) {
    if !request.keys.is_empty() {
        let issue = Issue::error(code::ATTEST_UNSIGNED, "a key is given and the run is not signed");
        findings.issues.push(
            issue.at(place(&folder.join(ENVELOPE))).with_hint("`cargo orket sign RUN --key FILE` signs it"),
        );
    }
    for name in [BUNDLE, RECORD].into_iter().filter(|name| folder.join(name).symlink_metadata().is_ok()) {
        let issue = mismatch(&folder.join(name), format!("it lies there without `{ENVELOPE}`"));
        findings.issues.push(issue.with_hint("an interrupted `cargo orket sign` leaves it; sign again"));
    }
    findings.leave("who made the statement", "the run is not signed");
    findings.leave("logs, findings and what run.json says of times", "only a signature covers them");
}

/// The given keys under which the statement's signatures hold.
fn held(folder: &Path, envelope: &Envelope, request: &Request, findings: &mut Findings) -> Vec<KeyId> {
    if request.keys.is_empty() {
        findings.leave("who made the statement", "no key is given");
        return Vec::new();
    }
    match envelope.verify(&request.keys, request.threshold) {
        Ok(held) => {
            findings.checked.push("the signature of the statement".to_owned());
            held
        }
        Err(issue) => {
            findings.issues.push(issue.at(place(&folder.join(ENVELOPE))));
            Vec::new()
        }
    }
}

/// Whether an envelope is about the statement beside it.
fn about(folder: &Path, envelope: &Envelope, statement: &Statement) -> Result<(), Issue> {
    if envelope.payload() == statement.bytes {
        return Ok(());
    }
    Err(mismatch(&folder.join(ENVELOPE), format!("its payload is not the bytes of `{PROVENANCE}`")))
}

/// The bundle says the same as the envelope: its payload, and one of its signatures.
fn bundle(folder: &Path, envelope: &Envelope, findings: &mut Findings) {
    let path = folder.join(BUNDLE);
    let what = "that the Sigstore bundle holds one of these signatures";
    match read(&path, Bundle::parse) {
        Ok(None) => findings.issues.push(mismatch(&path, "it is missing".to_owned())),
        Err(issue) => findings.issues.push(issue),
        Ok(Some(bundle)) => {
            let (inner, mut issues) = (bundle.envelope(), Vec::new());
            if inner.payload() != envelope.payload() {
                issues.push(mismatch(&path, format!("its payload is not that of `{ENVELOPE}`")));
            } else if !inner.signatures.iter().all(|one| envelope.signatures.contains(one)) {
                issues.push(mismatch(&path, format!("its signature is not among those of `{ENVELOPE}`")));
            }
            findings.take(what, issues);
        }
    }
}

/// The files of the folder are those that were signed.
fn files(folder: &Path, request: &Request, findings: &mut Findings) {
    let path = folder.join(RECORD);
    let envelope = match read(&path, Envelope::parse) {
        Ok(Some(envelope)) => envelope,
        Ok(None) => return findings.issues.push(mismatch(&path, "it is missing".to_owned())),
        Err(issue) => return findings.issues.push(issue),
    };
    if !request.keys.is_empty() {
        let verified = envelope.verify(&request.keys, request.threshold);
        let verified = verified.map(drop).map_err(|issue| issue.at(place(&path)));
        findings.take_one("the signature of the list of files", verified);
    }
    let mut issues = match parse(envelope.payload(), &path) {
        Ok(signed) => record::compare(folder, &signed),
        Err(issue) => vec![issue],
    };
    if !issues.is_empty() && !findings.issues.is_empty() {
        // A file that was found to be another already is told once.
        issues.retain(|issue| !findings.issues.iter().any(|told| told.location == issue.location));
        findings.issues.extend(issues);
        return;
    }
    findings.take("that every file is the one that was signed", issues);
}

/// What lies in a file, unless there is none.
fn read<T>(path: &Path, parse: impl FnOnce(&[u8], &Path) -> Result<T, Issue>) -> Result<Option<T>, Issue> {
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let too_large = std::fs::metadata(path).is_ok_and(|file| file.len() > ENVELOPE_BYTES_MAX as u64);
    if too_large {
        let message = format!("it has more than {ENVELOPE_BYTES_MAX} bytes");
        return Err(Issue::error(code::ATTEST_TOO_LARGE, message).at(place(path)));
    }
    let bytes = store::read_bounded(path, ENVELOPE_BYTES_MAX as u64)
        .map_err(|error| error.issues().remove(0).at(place(path)))?;
    parse(&bytes, path).map(Some)
}
