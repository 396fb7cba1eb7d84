//! The record of a run as it grows, and the comparison with a record that it must repeat.
//!
//! Invariants: every line is canonical JSON; a payload over 1 KiB lies beside, by digest; when a
//! recording is replayed, the first event that differs stops the run.

pub mod case;
mod chain;
mod compare;
mod difference;
mod ledger;
mod line;
mod lines;
mod packed;
mod record;
mod recording;

pub use case::Case;
pub use compare::compare;
pub use difference::{Divergence, Place, first as first_difference};
pub use ledger::Digests;
pub use record::{Journal, Recorded};
pub use recording::Recording;

pub(crate) use compare::{build_of, compare_replay};
pub(crate) use ledger::Ledger;
pub(crate) use record::Replayed;

use orket_contract::digest::Digest;
use serde::{Deserialize, Serialize};

/// The file of the records, zstd-compressed.
pub const TRANSCRIPT: &str = "transcript.jsonl.zst";
/// The file of the heads.
pub const INDEX: &str = "transcript.index.json";
/// The folder of payloads that lie beside the records.
pub const BLOBS: &str = "blobs";

/// The heads of a transcript: the last one, and one every [`INDEX_STRIDE`](orket_contract::transcript::INDEX_STRIDE) records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// How many records there are.
    pub count: u64,
    /// The head after the last record.
    pub head: Digest,
    /// The heads after records 256, 512, …
    pub heads: Vec<Digest>,
    /// The digest of the compressed file: bits of it may change without a change of what is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed: Option<Digest>,
    /// What the first head starts from.
    pub plan_hash: Digest,
}
