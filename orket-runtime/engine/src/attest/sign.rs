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
use serde_json::json;
use std::fs::File;
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
    let _lock = lock(folder)?;
    verify::check(folder).map_err(|issues| Error::Refused { phase: Phase::Record, issues })?;
    // What an interrupted process leaves must not lie in the folder: it would be a file too many.
    let above = folder.canonicalize().map_err(Error::store("find", folder))?;
    write(folder, key, None, above.parent().unwrap_or(folder))
}

/// Signs a record that nobody else sees yet, beside which a folder lies that is not part of it.
pub(crate) fn sign_staged(folder: &Path, key: &PrivateKey, skipped: Option<&str>) -> Result<Signed, Error> {
    write(folder, key, skipped, folder)
}

/// Holds a folder until it is dropped: two who sign it at once both do.
fn lock(folder: &Path) -> Result<Option<File>, Error> {
    // Elsewhere a folder cannot be opened, and nothing runs there yet either.
    if !cfg!(unix) {
        return Ok(None);
    }
    let file = File::open(folder).map_err(Error::store("open", folder))?;
    file.lock().map_err(Error::store("lock", folder))?;
    Ok(Some(file))
}

fn write(folder: &Path, key: &PrivateKey, skipped: Option<&str>, beside: &Path) -> Result<Signed, Error> {
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
    let bundle = Bundle::of(&provenance, keyid);
    // In this order, so that a signature that is added is there or not, wherever it stops.
    for (name, value) in [(RECORD, json!(record)), (ENVELOPE, json!(provenance)), (BUNDLE, json!(bundle))] {
        let text =
            canonical::to_string(&value).map_err(|fault| refused(Issue::error(fault.code, fault.message)))?;
        store::write_whole_from(beside, &folder.join(name), format!("{text}\n").as_bytes())?;
    }
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
