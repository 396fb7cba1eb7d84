//! A statement that stands by itself: no folder of a run lies around it.

use super::verify::{Signature, Unchecked, Verdict};
use super::{ENVELOPE_BYTES_MAX, Envelope, KeyId, PrivateKey, PublicKey, place};
use crate::error::{Error, Phase};
use crate::store;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_contract::{canonical, code};
use serde_json::{Value, json};
use std::path::Path;

/// Writes a statement, and where there is a key, its envelope at `envelope`.
///
/// # Errors
/// `json.*` for what has no canonical form, [`Error::Store`].
pub fn write_statement(
    path: &Path,
    statement: &Value,
    signed: Option<(&PrivateKey, &Path)>,
) -> Result<Option<KeyId>, Error> {
    let refused = |issue: Issue| Error::refused(Phase::Record, issue);
    let text = |value: &Value| {
        let text = canonical::to_string(value);
        text.map(|text| text + "\n").map_err(|fault| refused(Issue::error(fault.code, fault.message)))
    };
    let bytes = text(statement)?.into_bytes();
    let beside = |path: &Path| {
        path.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new(".")).to_path_buf()
    };
    store::write_whole_from(&beside(path), path, &bytes)?;
    let Some((key, at)) = signed else { return Ok(None) };
    let mut envelope = Envelope::new(bytes);
    let id = envelope.sign(key).map_err(refused)?;
    store::write_whole_from(&beside(at), at, text(&json!(envelope))?.as_bytes())?;
    Ok(Some(id))
}

/// Checks the signatures of an envelope that stands by itself. What it says is its signers' word.
///
/// # Errors
/// `attest.*`, `json.*`, `store.failed`.
pub fn verify_envelope(path: &Path, keys: &[PublicKey], threshold: usize) -> Result<Verdict, Vec<Issue>> {
    let bytes = store::read_bounded(path, ENVELOPE_BYTES_MAX as u64);
    let bytes = bytes.map_err(|error| error.issues())?;
    let envelope = Envelope::parse(&bytes, path).map_err(|issue| vec![issue])?;
    let statement = canonical::parse(&String::from_utf8_lossy(envelope.payload()));
    let kind = statement.ok().and_then(|value| value["predicateType"].as_str().map(str::to_owned));
    let Some(kind) = kind else {
        let message = "its payload is not an in-toto statement";
        return Err(vec![Issue::error(code::ATTEST_BAD_STATEMENT, message).at(place(path))]);
    };
    let unchecked = |what: &str, why: &str| Unchecked { what: what.to_owned(), why: why.to_owned() };
    let mut left =
        vec![unchecked(&format!("what it says (`{kind}`)"), "`cargo orket verify` finds it out again")];
    let (mut held, mut checked) = (Vec::new(), Vec::new());
    if keys.is_empty() {
        left.push(unchecked("who made the statement", "no key is given"));
    } else {
        held = envelope.verify(keys, threshold).map_err(|issue| vec![issue.at(place(path))])?;
        checked.push("the signature of the statement".to_owned());
    }
    let signatures = envelope.signatures.iter().map(|one| Signature {
        verified: held.iter().any(|id| id.to_string() == one.keyid),
        keyid: one.keyid.clone(),
    });
    let (signatures, statement) = (signatures.collect(), Digest::of(envelope.payload()));
    Ok(Verdict { statement, signatures, checked, unchecked: left })
}
