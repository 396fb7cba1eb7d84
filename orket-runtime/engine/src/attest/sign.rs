//! Signs the record of a run, where it lies.

use super::{
    BUNDLE, Bundle, ENVELOPE, ENVELOPE_BYTES_MAX, Envelope, KeyId, PrivateKey, RECORD, STATEMENT_BYTES_MAX,
};
use super::{record, verify};
use crate::error::{Error, Phase};
use crate::registry::PROVENANCE;
use crate::store;
use orket_contract::canonical;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// The folder of the run.
    pub folder: PathBuf,
    /// The name of the key.
    pub keyid: KeyId,
    /// The digest of the statement that is signed: of `provenance.json`.
    pub statement: Digest,
}

/// Signs the record in `folder` once everything in it was recomputed, and writes [`ENVELOPE`], [`BUNDLE`] and
/// [`RECORD`], each whole. What others signed of the same record stays.
///
/// # Errors
/// What [`verify`](super::verify()) finds in the files; `attest.too-large`, `attest.bad-envelope` when what signed it before cannot be read, `artifact.*` for what
/// is no file of a run, [`Error::Store`].
pub fn sign(folder: &Path, key: &PrivateKey) -> Result<Signed, Error> {
    verify::check(folder).map_err(|issues| Error::Refused { phase: Phase::Record, issues })?;
    sign_but(folder, key, None)
}

/// Signs a record beside which a folder lies that is not part of it.
pub(crate) fn sign_but(folder: &Path, key: &PrivateKey, skipped: Option<&str>) -> Result<Signed, Error> {
    let statement = store::read_bounded(&folder.join(PROVENANCE), STATEMENT_BYTES_MAX as u64)?;
    let digest = Digest::of(&statement);
    let files = record::statement(folder, skipped)?;
    let files =
        canonical::to_string(&files).map_err(|fault| refused(Issue::error(fault.code, fault.message)))?;
    if files.len() > STATEMENT_BYTES_MAX {
        let message = format!("the list of the run's files has more than {STATEMENT_BYTES_MAX} bytes");
        return Err(refused(Issue::error(code::ATTEST_TOO_LARGE, message)));
    }
    let (provenance, keyid) = signed(&folder.join(ENVELOPE), statement, key)?;
    let (record, _) = signed(&folder.join(RECORD), format!("{files}\n").into_bytes(), key)?;
    store::write_json(&folder.join(RECORD), &record)?;
    store::write_json(&folder.join(BUNDLE), &Bundle::of(&provenance, keyid))?;
    // Last: a folder without it is not signed.
    store::write_json(&folder.join(ENVELOPE), &provenance)?;
    Ok(Signed { folder: folder.to_path_buf(), keyid, statement: digest })
}

/// The envelope of a payload with one more signature than the one that lies there, if it is of this payload.
fn signed(path: &Path, payload: Vec<u8>, key: &PrivateKey) -> Result<(Envelope, KeyId), Error> {
    let mut envelope = Envelope::new(payload);
    if path.symlink_metadata().is_ok() {
        let bytes = store::read_bounded(path, ENVELOPE_BYTES_MAX as u64)?;
        let there = Envelope::parse(&bytes, path).map_err(refused)?;
        if there.payload() == envelope.payload() {
            envelope = there;
        }
    }
    let keyid = envelope.sign(key).map_err(refused)?;
    Ok((envelope, keyid))
}

fn refused(issue: Issue) -> Error {
    Error::refused(Phase::Record, issue)
}
