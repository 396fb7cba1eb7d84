//! What a workload gives back.

use crate::issue::Issue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a workload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It did what it was asked for.
    Ok,
    /// It ended early on purpose; what it did is published.
    Stop,
    /// It failed; nothing is published.
    Error,
}

/// An artifact, by its digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactRef {
    /// The path below the artifact folder, with `/`.
    pub path: String,
    /// SHA-256 of its bytes, as 64 hexadecimal digits.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// What it is, such as `text/plain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// What a workload gives back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadResult {
    /// The artifacts that it made, sorted by path.
    #[serde(default)]
    pub artifacts: Vec<ArtifactRef>,
    /// What it wants to be known.
    #[serde(default)]
    pub issues: Vec<Issue>,
    /// Its output, an object.
    pub output: Map<String, Value>,
    /// How it ended.
    pub status: Status,
}
