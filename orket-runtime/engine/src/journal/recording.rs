//! A finished record, read back: what a replay is compared with and answered from.

use super::{BLOBS, INDEX, Index, Replayed, TRANSCRIPT};
use crate::capability::Reply;
use crate::error::{Error, Phase};
use crate::store;
use orket_contract::capability::{Provider, find};
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::{Issue, Location};
use orket_contract::limit::RECORD_BYTES_MAX;
use orket_contract::transcript::{BlobRef, Head, INDEX_STRIDE, Record};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest payload beside a transcript: an attachment, or the JSON of a frame (32 MiB).
const BLOB_BYTES_MAX: u64 = 32 << 20;
/// The uncompressed form, as it is committed.
pub(super) const PLAIN: &str = "transcript.jsonl";

/// A finished record.
#[derive(Debug)]
pub struct Recording {
    dir: PathBuf,
    lines: Vec<String>,
    records: Vec<Record>,
    index: Index,
}

impl Recording {
    /// Reads the record in a folder, compressed or plain, and checks it against its heads and its
    /// payloads against their digests.
    ///
    /// # Errors
    /// `transcript.damaged`.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let plain = dir.join(PLAIN);
        let path = if plain.exists() { plain } else { dir.join(TRANSCRIPT) };
        let text = read(&path)?;
        let index = dir.join(INDEX);
        let index: Index = store::read_json(&index, 16 << 20).map_err(|error| unreadable(&index, &error))?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let records = parse(&lines, &path)?;
        if heads(index.plan_hash, &lines) != index {
            return Err(damaged(&path, 0, "its records are not those that its heads name"));
        }
        let recording = Self { dir: dir.to_path_buf(), lines, records, index };
        recording.check_payloads()?;
        Ok(recording)
    }

    /// Reads every payload once: a record is whole, or it is none.
    fn check_payloads(&self) -> Result<(), Error> {
        let mut checked = BTreeSet::new();
        for Record { req_blob, req_ref, res_blob, res_ref, .. } in &self.records {
            for reference in [req_blob, req_ref, res_blob, res_ref].into_iter().flatten() {
                if checked.insert((&reference.sha256, reference.len)) {
                    self.blob(reference)?;
                }
            }
        }
        Ok(())
    }

    /// The heads that were written with it.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// All records.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The digests of the payloads that lie beside the records, each as its file is called.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &str> {
        let all = self
            .records
            .iter()
            .flat_map(|record| [&record.req_blob, &record.req_ref, &record.res_blob, &record.res_ref]);
        all.flatten().map(|reference| reference.sha256.as_str())
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
        self.lines.get(usize::try_from(at).ok()?).map(String::as_str)
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
        let folder = self.dir.join(BLOBS);
        let digest: Digest =
            reference.sha256.parse().map_err(|_| damaged(&folder, 0, "a payload has no digest"))?;
        let path = folder.join(digest.to_string());
        let bytes = store::read_bounded(&path, BLOB_BYTES_MAX).map_err(|error| unreadable(&path, &error))?;
        if Digest::of(&bytes) != digest || bytes.len() as u64 != reference.len {
            return Err(damaged(&path, 0, "the payload is not the one that its name says"));
        }
        Ok(bytes)
    }
}

/// The heads of these lines.
fn heads(plan_hash: Digest, lines: &[String]) -> Index {
    let (mut head, mut heads) = (Head::start(plan_hash), Vec::new());
    for (at, line) in (1u64..).zip(lines) {
        head = head.after(line);
        if at.is_multiple_of(INDEX_STRIDE) {
            heads.push(head.digest());
        }
    }
    Index { count: lines.len() as u64, head: head.digest(), heads, plan_hash }
}

fn read(path: &Path) -> Result<String, Error> {
    let file = store::open_regular(path).map_err(|error| damaged(path, 0, &error.to_string()))?;
    let packed = path.extension().is_some_and(|extension| extension == "zst");
    let reader: Box<dyn Read> = if packed {
        Box::new(zstd::Decoder::new(file).map_err(|error| damaged(path, 0, &error.to_string()))?)
    } else {
        Box::new(file)
    };
    let mut text = String::new();
    let read = reader.take(RECORD_BYTES_MAX + 1).read_to_string(&mut text);
    let read = read.map_err(|error| damaged(path, 0, &error.to_string()))?;
    if read as u64 > RECORD_BYTES_MAX {
        return Err(damaged(path, 0, &format!("it has more than {RECORD_BYTES_MAX} bytes")));
    }
    Ok(text)
}

fn parse(lines: &[String], path: &Path) -> Result<Vec<Record>, Error> {
    let mut records = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let record: Record =
            serde_json::from_str(line).map_err(|error| damaged(path, at + 1, &error.to_string()))?;
        if record.i != at as u64 {
            return Err(damaged(path, at + 1, "the record has another number than its place"));
        }
        records.push(record);
    }
    Ok(records)
}

fn unreadable(path: &Path, error: &Error) -> Error {
    damaged(path, 0, &error.described())
}

fn damaged(path: &Path, line: usize, what: &str) -> Error {
    let place = Location {
        file: path.display().to_string(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: 0,
    };
    let issue = Issue::error(code::TRANSCRIPT_DAMAGED, format!("the transcript cannot be used: {what}"));
    Error::refused(Phase::Preflight, issue.at(place))
}
