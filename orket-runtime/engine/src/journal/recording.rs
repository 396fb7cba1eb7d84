//! A finished record, read back: what a replay is compared with and answered from.

use super::lines::{Lines, damaged, unreadable};
use super::{BLOBS, Index, Replayed};
use crate::capability::Reply;
use crate::error::Error;
use crate::store;
use orket_contract::capability::{Provider, find};
use orket_contract::digest::Digest;
use orket_contract::transcript::{BlobRef, Record};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The largest payload beside a transcript: an attachment, or the JSON of a frame (32 MiB).
const BLOB_BYTES_MAX: u64 = 32 << 20;

/// A finished record.
#[derive(Debug)]
pub struct Recording {
    dir: PathBuf,
    lines: Lines,
    records: Vec<Record>,
}

impl Recording {
    /// Reads the record in a folder, compressed or plain, and checks it against its heads and its
    /// payloads against their digests.
    ///
    /// # Errors
    /// `transcript.damaged`.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let lines = Lines::load(dir)?;
        let records = (0..).map_while(|at| lines.record(at).transpose()).collect::<Result<_, _>>()?;
        let recording = Self { dir: dir.to_path_buf(), lines, records };
        recording.check_payloads()?;
        Ok(recording)
    }

    /// Reads every payload once: a record is whole, or it is none.
    fn check_payloads(&self) -> Result<(), Error> {
        let payloads: BTreeSet<_> = self.references().collect();
        payloads.into_iter().try_for_each(|reference| self.blob(reference).map(drop))
    }

    /// The heads that were written with it.
    #[must_use]
    pub fn index(&self) -> &Index {
        self.lines.index()
    }

    /// All records.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The digests of the payloads that lie beside the records, each as its file is called.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &str> {
        self.references().map(|reference| reference.sha256.as_str())
    }

    fn references(&self) -> impl Iterator<Item = &BlobRef> {
        self.records.iter().flat_map(references)
    }

    /// Whether a service of the operator answered in it.
    #[must_use]
    pub fn asks_services(&self) -> bool {
        let asked = self.records.iter().filter_map(|record| find(record.cap.as_deref()?));
        asked.into_iter().any(|capability| matches!(capability.provider, Provider::Operator(_)))
    }

    /// The record at an index.
    #[must_use]
    pub fn record(&self, at: u64) -> Option<&Record> {
        self.records.get(usize::try_from(at).ok()?)
    }

    /// The line at an index.
    #[must_use]
    pub fn line(&self, at: u64) -> Option<&str> {
        self.lines.line(at)
    }

    /// A record as JSON, with what lies beside it because it is long in its place.
    ///
    /// # Errors
    /// `transcript.damaged`.
    pub fn whole(&self, record: &Record) -> Result<Value, Error> {
        let mut whole = serde_json::to_value(record).unwrap_or_default();
        for (name, reference) in [("req", &record.req_ref), ("res", &record.res_ref)] {
            if let (Some(reference), Value::Object(entries)) = (reference, &mut whole) {
                let value = serde_json::from_slice(&self.blob(reference)?)
                    .map_err(|error| damaged(&self.dir.join(BLOBS), 0, &error.to_string()))?;
                entries.remove(&format!("{name}_ref"));
                entries.insert(name.to_owned(), value);
            }
        }
        Ok(whole)
    }

    /// The answer that a record of a call holds, and the virtual time after it.
    pub(super) fn answer(&self, record: &Record) -> Result<Replayed, Error> {
        if let Some(failure) = &record.err {
            return Ok((Err(failure.clone()), record.v));
        }
        let value = match (&record.res, &record.res_ref) {
            (_, Some(reference)) => {
                let bytes = self.blob(reference)?;
                serde_json::from_slice(&bytes)
                    .map_err(|error| damaged(&self.dir.join(BLOBS), 0, &error.to_string()))?
            }
            (value, None) => value.clone().unwrap_or(Value::Null),
        };
        let blob = record.res_blob.as_ref().map(|reference| self.blob(reference)).transpose()?;
        Ok((Ok(Reply { value, blob: blob.unwrap_or_default() }), record.v))
    }

    fn blob(&self, reference: &BlobRef) -> Result<Vec<u8>, Error> {
        payload(&self.dir, reference)
    }
}

/// What a record names that lies beside it.
pub(super) fn references(record: &Record) -> impl Iterator<Item = &BlobRef> {
    [&record.req_blob, &record.req_ref, &record.res_blob, &record.res_ref].into_iter().flatten()
}

/// What lies beside the records of a folder, checked against its digest.
pub(super) fn payload(dir: &Path, reference: &BlobRef) -> Result<Vec<u8>, Error> {
    let folder = dir.join(BLOBS);
    let digest: Digest =
        reference.sha256.parse().map_err(|_| damaged(&folder, 0, "a payload has no digest"))?;
    let path = folder.join(digest.to_string());
    let bytes = store::read_bounded(&path, BLOB_BYTES_MAX).map_err(|error| unreadable(&path, &error))?;
    if Digest::of(&bytes) != digest || bytes.len() as u64 != reference.len {
        return Err(damaged(&path, 0, "the payload is not the one that its name says"));
    }
    Ok(bytes)
}
