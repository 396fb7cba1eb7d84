//! The lines of a finished record, whole and as they were written, before anybody has looked into them.
//!
//! Two records are compared by their lines: what they have in common is hashed once, and only what is asked for is parsed.

use super::chain::Chain;
use super::{INDEX, Index, TRANSCRIPT};
use crate::error::{Error, Phase};
use crate::store;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::{Issue, Location};
use orket_contract::limit::RECORD_BYTES_MAX;
use orket_contract::transcript::Record;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The uncompressed form, as it is committed.
pub(super) const PLAIN: &str = "transcript.jsonl";

/// The lines of a record, and the heads that were written with them.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    text: String,
    /// Where each line ends, its newline left out.
    ends: Vec<usize>,
    index: Index,
}

impl Lines {
    /// Reads the lines in a folder, compressed or plain, and checks them against their heads.
    ///
    /// # Errors
    /// `transcript.damaged`.
    pub(super) fn load(dir: &Path) -> Result<Self, Error> {
        let lines = Self::read(dir)?;
        let mut chain = Chain::start(lines.index.plan_hash);
        lines.check(&mut chain)?;
        Ok(lines)
    }

    /// Reads two records, checks both, and gives the number of the first line that is not in both of them.
    ///
    /// # Errors
    /// `transcript.damaged`.
    pub(super) fn load_two(left: &Path, right: &Path) -> Result<(Self, Self, Option<u64>), Error> {
        let (left, right) = (Self::read(left)?, Self::read(right)?);
        let (common, longer) = (left.common(&right), left.ends.len().max(right.ends.len()));
        let mut chain = Chain::start(left.index.plan_hash);
        (0..common).for_each(|at| chain.push(left.at(at)));
        if right.index.plan_hash == left.index.plan_hash {
            right.check(&mut chain.clone())?;
        } else {
            right.check(&mut Chain::start(right.index.plan_hash))?;
        }
        left.check(&mut chain)?;
        Ok((left, right, (common < longer).then_some(common as u64)))
    }

    fn read(dir: &Path) -> Result<Self, Error> {
        let index = dir.join(INDEX);
        let index: Index = store::read_json(&index, 16 << 20).map_err(|error| unreadable(&index, &error))?;
        let plain = dir.join(PLAIN);
        let (path, text) = if plain.exists() {
            let text = read(&plain, None)?;
            (plain, text)
        } else {
            let packed = dir.join(TRANSCRIPT);
            let text = read(&packed, index.packed)?;
            (packed, text)
        };
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        if ends.last().map_or(0, |last| last + 1) != text.len() {
            return Err(damaged(&path, ends.len() + 1, "its last line has no end"));
        }
        Ok(Self { path, text, ends, index })
    }

    /// Lets a chain that has come some way go on to the end, which must be what the index says.
    fn check(&self, chain: &mut Chain) -> Result<(), Error> {
        for at in usize::try_from(chain.count()).unwrap_or(usize::MAX)..self.ends.len() {
            chain.push(self.at(at));
        }
        if chain.clone().index(self.index.packed) == self.index {
            return Ok(());
        }
        Err(damaged(&self.path, 0, "its records are not those that its heads name"))
    }

    /// How many lines are the same from the beginning.
    fn common(&self, other: &Self) -> usize {
        let shorter = self.ends.len().min(other.ends.len());
        (0..shorter).find(|at| self.at(*at) != other.at(*at)).unwrap_or(shorter)
    }

    fn at(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] + 1);
        &self.text[start..self.ends[at]]
    }

    /// The heads that were written with them.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// The line at an index.
    pub(super) fn line(&self, at: u64) -> Option<&str> {
        usize::try_from(at).ok().filter(|at| *at < self.ends.len()).map(|at| self.at(at))
    }

    /// The numbers of those that may name something that lies beside them, and a few more: without parsing any.
    pub(super) fn with_payloads(&self) -> impl Iterator<Item = u64> {
        (0..self.ends.len()).filter(|at| self.at(*at).contains("\"sha256\":")).map(|at| at as u64)
    }

    /// The record that a line holds.
    ///
    /// # Errors
    /// `transcript.damaged`.
    pub(super) fn record(&self, at: u64) -> Result<Option<Record>, Error> {
        let Some(line) = self.line(at) else { return Ok(None) };
        let number = usize::try_from(at).map_or(0, |at| at + 1);
        let record: Record =
            serde_json::from_str(line).map_err(|error| damaged(&self.path, number, &error.to_string()))?;
        if record.i != at {
            return Err(damaged(&self.path, number, "the record has another number than its place"));
        }
        Ok(Some(record))
    }
}

/// The text of a file; a compressed one is the one that its digest says, where that was written.
fn read(path: &Path, packed: Option<Digest>) -> Result<String, Error> {
    let io = |error: std::io::Error| damaged(path, 0, &error.to_string());
    let mut file = store::open_regular(path).map_err(io)?;
    let mut text = String::new();
    if path.extension().is_none_or(|extension| extension != "zst") {
        file.take(RECORD_BYTES_MAX + 1).read_to_string(&mut text).map_err(io)?;
    } else {
        let mut bytes = Vec::new();
        (&mut file).take(RECORD_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
        if packed.is_some_and(|packed| Digest::of(&bytes) != packed) {
            return Err(damaged(path, 0, "it is not the file that its index names"));
        }
        let stream = zstd::Decoder::new(bytes.as_slice()).map_err(io)?;
        stream.take(RECORD_BYTES_MAX + 1).read_to_string(&mut text).map_err(io)?;
    }
    if text.len() as u64 > RECORD_BYTES_MAX {
        return Err(damaged(path, 0, &format!("it has more than {RECORD_BYTES_MAX} bytes")));
    }
    Ok(text)
}

pub(super) fn unreadable(path: &Path, error: &Error) -> Error {
    damaged(path, 0, &error.described())
}

pub(super) fn damaged(path: &Path, line: usize, what: &str) -> Error {
    let place = Location {
        file: path.display().to_string(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: 0,
    };
    let issue = Issue::error(code::TRANSCRIPT_DAMAGED, format!("the transcript cannot be used: {what}"));
    Error::refused(Phase::Preflight, issue.at(place))
}
