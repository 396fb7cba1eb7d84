//! The record of a run at its boundary: one canonical JSON line per event.
//!
//! Invariants: no wall-clock time and no path of the machine is in a record; 64-bit values are
//! strings; payloads over [`crate::limit::INLINE_BYTES_MAX`] bytes are kept beside, by digest. The
//! rolling head is `h0 = SHA-256("orket-transcript/1\0" + plan hash)`, `h = SHA-256(h + line)`,
//! lines without their newline. It is kept beside the lines, because in them it would not compress.

use crate::protocol::{Failure, decimal};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The version of the format, in `h0`.
pub const VERSION: u32 = 1;

/// How many records lie between two heads of the index.
pub const INDEX_STRIDE: u64 = 256;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A step of the plan begins: `op` and `req` are its operation and target.
    Step,
    /// A capability call and its answer.
    Call,
    /// An observation of the author: `op` is its name, `req` its payload.
    Trace,
    /// An artifact was finished: `op` is its path, `res` its reference.
    Artifact,
    /// A step ended: `res` is its status, output and issues.
    Exit,
}

/// Bytes that are kept beside the transcript.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlobRef {
    /// Their number.
    pub len: u64,
    /// Their SHA-256, as 64 hexadecimal digits.
    pub sha256: String,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The capability of a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<String>,
    /// Why a call failed, instead of `res`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<Failure>,
    /// Counts from 0.
    pub i: u64,
    /// What happened.
    pub k: Kind,
    /// The operation, the name of an observation or the path of an artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<String>,
    /// What was asked.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub req: Option<Value>,
    /// The attachment of what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub req_blob: Option<BlobRef>,
    /// What was asked, where it is too long to stand here: canonical JSON kept beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub req_ref: Option<BlobRef>,
    /// What was answered.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub res: Option<Value>,
    /// The attachment of what was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub res_blob: Option<BlobRef>,
    /// What was answered, where it is too long to stand here: canonical JSON kept beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub res_ref: Option<BlobRef>,
    /// The virtual time after the event, in nanoseconds since the start.
    #[serde(with = "decimal")]
    pub v: u64,
}

/// Tells a `null` that was answered, such as the end of the console's input, from no answer.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Record {
    /// A record of that kind with nothing else in it.
    #[must_use]
    pub fn new(i: u64, k: Kind, v: u64) -> Self {
        Self {
            cap: None,
            err: None,
            i,
            k,
            op: None,
            req: None,
            req_blob: None,
            req_ref: None,
            res: None,
            res_blob: None,
            res_ref: None,
            v,
        }
    }
}

#[cfg(feature = "digest")]
pub use head::Head;

#[cfg(feature = "digest")]
mod head {
    use crate::digest::{Digest, Hasher};

    /// The rolling digest over the lines of a transcript.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Head(Digest);

    impl Head {
        /// The head of an empty transcript of that plan.
        #[must_use]
        pub fn start(plan_hash: Digest) -> Self {
            let mut hasher = Hasher::within(&format!("orket-transcript/{}", super::VERSION));
            hasher.update(&plan_hash.0);
            Self(hasher.finish())
        }

        /// The head after one more line, given without its newline.
        #[must_use]
        pub fn after(self, line: &str) -> Self {
            let mut hasher = Hasher::default();
            hasher.update(&self.0.0);
            hasher.update(line.as_bytes());
            Self(hasher.finish())
        }

        /// The digest.
        #[must_use]
        pub fn digest(self) -> Digest {
            self.0
        }
    }
}
