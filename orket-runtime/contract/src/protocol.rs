//! The conversation of host and guest: frames over one stream.
//!
//! A frame is `json_len` and `blob_len` as big-endian u32, then that much JSON and that much
//! attachment (samples of a clip, say). The JSON is one frame value: an object with a single key
//! that names the frame. Lengths are checked against [`crate::limit`] before anything is allocated.
//!
//! ```text
//! guest                                   host
//! hello{protocol, notes}             →
//!                                    ←    grant{capabilities, ambient}
//! holding{capabilities}              →
//!                                    ←    plan{workload, seed, input}          (where the workload has a plan)
//! planned{plan}                      →
//!                                    ←    start{workload, context, input}
//! call{seq, capability, op, args, at}→
//!                                    ←    reply{seq, answer, at}
//! artifact{path, kind, at}           →
//!                                    ←    artifact{answer}
//! trace{event, payload, at}, log{…}  →
//! observed{observations, …}          →
//! done{result} | failed{failure}     →
//! ```
//! In a fresh guest after the run, which is granted nothing: `validate{workload, result}` →
//! `validated{issues}` and `summarize{workload}` → `summary{value}`. A guest that cannot do what it was asked for answers
//! `failed{failure}` instead.

use crate::ambient;
use crate::issue::Issue;
use crate::limit::{FRAME_BLOB_BYTES_MAX, FRAME_JSON_BYTES_MAX};
use crate::plan::RunPlan;
use crate::result::{ArtifactRef, WorkloadResult};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::io::{self, Read, Write};

/// The version of the protocol; host and guest must name the same.
pub const VERSION: u32 = 1;

/// The file descriptor on which a guest finds its end of the stream.
pub const GUEST_FD: i32 = 3;

/// What a guest sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum GuestFrame {
    /// The first frame: which protocol the guest speaks and the JSON of its manifest notes, in order.
    Hello {
        /// Must be [`VERSION`].
        protocol: u32,
        /// The header note, then one per workload.
        notes: Vec<String>,
    },
    /// The answer to [`HostFrame::Grant`]: what the guest holds now, before any code of a workload runs.
    Holding {
        /// The names of the capabilities that it can call, sorted; one that was not granted is drift.
        capabilities: Vec<String>,
    },
    /// The answer to [`HostFrame::Plan`].
    Planned {
        /// The author's plan.
        plan: RunPlan,
    },
    /// A capability call; the guest waits for its reply.
    Call {
        /// Counts from 0 within a run.
        seq: u64,
        /// The name of the capability.
        capability: String,
        /// The name of the operation.
        op: String,
        /// Its arguments.
        args: Map<String, Value>,
        /// The virtual time of the guest, in nanoseconds since the start; absent where it has no clock of its own.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
        at: Option<u64>,
    },
    /// A finished artifact; the guest waits until the host has hashed it.
    Artifact {
        /// The path below the artifact folder, with `/`.
        path: String,
        /// What it is.
        kind: Option<String>,
        /// The virtual time of the guest, in nanoseconds since the start; absent where it has no clock of its own.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
        at: Option<u64>,
    },
    /// An observation that the author wants on record.
    Trace {
        /// Its name, such as `turn.played`.
        event: String,
        /// Its facts.
        payload: Value,
        /// The virtual time of the guest, in nanoseconds since the start; absent where it has no clock of its own.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
        at: Option<u64>,
    },
    /// What the guest's standard library was asked since the last of these, before the answer to a task.
    Observed {
        /// By kind, each at most once.
        observations: Vec<Observation>,
        /// The callers of the draw that was asked for, innermost first: addresses in the program's file.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        traced: Vec<u64>,
        /// What the sandbox has refused last, where that is of a kind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<ambient::Kind>,
        /// The virtual time of the guest, in nanoseconds since the start; absent where it has no clock of its own.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
        at: Option<u64>,
    },
    /// A line for people; not part of the record.
    Log {
        /// How loud.
        level: Level,
        /// The line.
        message: String,
    },
    /// The workload came to its end.
    Done {
        /// What it gives back.
        result: WorkloadResult,
    },
    /// What was asked for failed.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// The answer to [`HostFrame::Validate`].
    Validated {
        /// What all validators found, in order.
        issues: Vec<Issue>,
    },
    /// The answer to [`HostFrame::Summarize`].
    Summary {
        /// The summary.
        value: Map<String, Value>,
    },
}

impl GuestFrame {
    /// The name of the frame, as on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Holding { .. } => "holding",
            Self::Planned { .. } => "planned",
            Self::Call { .. } => "call",
            Self::Artifact { .. } => "artifact",
            Self::Trace { .. } => "trace",
            Self::Observed { .. } => "observed",
            Self::Log { .. } => "log",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Validated { .. } => "validated",
            Self::Summary { .. } => "summary",
        }
    }
}

/// What the host sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum HostFrame {
    /// What the workload may call: sent once, before anything of the workload runs.
    Grant {
        /// The names of the capabilities that the host has admitted, sorted.
        capabilities: Vec<String>,
        /// What its standard library shows, where that is virtual.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ambient: Option<Ambient>,
    },
    /// Compile the input into a plan; no capability can be called meanwhile.
    Plan {
        /// The workload.
        workload: String,
        /// The seed, as a decimal string.
        #[serde(with = "decimal")]
        seed: u64,
        /// The input.
        input: Value,
    },
    /// Run a step.
    Start {
        /// The workload.
        workload: String,
        /// What the step runs with.
        context: Context,
        /// The input.
        input: Value,
    },
    /// The answer to [`GuestFrame::Call`].
    Reply {
        /// The `seq` of the call.
        seq: u64,
        /// The answer.
        answer: Answer<Value>,
        /// The virtual time after the call, in nanoseconds since the start.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
        at: Option<u64>,
    },
    /// The answer to [`GuestFrame::Artifact`].
    Artifact {
        /// The artifact's reference.
        answer: Answer<ArtifactRef>,
    },
    /// Run the validators over a result and the artifacts.
    Validate {
        /// The workload.
        workload: String,
        /// What the run gave.
        result: WorkloadResult,
    },
    /// Summarise the artifacts.
    Summarize {
        /// The workload.
        workload: String,
    },
}

/// What a step runs with. Equal runs have equal contexts: nothing of the machine or the time is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// The parameters of the step.
    pub params: Map<String, Value>,
    /// A name of the run that equal runs share.
    pub run_id: String,
    /// The seed, as a decimal string.
    #[serde(with = "decimal")]
    pub seed: u64,
}

/// What the virtual standard library of a guest starts from. Nothing was drawn before it is known but by
/// what runs before `main`, which draws from a fixed stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ambient {
    /// The key of its random stream: 64 hexadecimal digits.
    pub key: String,
    /// The virtual time, in nanoseconds since the start of the run.
    #[serde(with = "decimal")]
    pub at: u64,
    /// The draws that give something else than they would: what depends on them differs, and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flip: Option<Flip>,
    /// The draw whose callers are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<u64>,
}

/// Draws by their numbers, from one up to another that is not among them, and what they give instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flip {
    /// The first.
    pub from: u64,
    /// The one after the last.
    pub to: u64,
    /// Which other numbers they give: each of these is a stream of its own.
    #[serde(default)]
    pub by: u16,
}

/// How often a guest asked its standard library for something of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// What it asked for.
    pub kind: ambient::Kind,
    /// How often.
    pub count: u64,
    /// Who asked first, innermost first: addresses in the program's file. Told once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<u64>,
}

/// A success or a failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer<T> {
    /// It worked.
    Ok(T),
    /// It did not.
    Error(Failure),
}

/// Why something failed, in words that cross the boundary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// A code of the table, or an author's own.
    pub code: String,
    /// What happened.
    pub message: String,
    /// `file:line:column` in the author's source, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.code, self.message)
    }
}

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For the author alone.
    Debug,
    /// Worth knowing.
    Info,
    /// Odd, but the work goes on.
    Warn,
    /// Something failed.
    Error,
}

/// A 64-bit number as a decimal string: JSON readers that use doubles would round it.
pub mod decimal {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the number as a string.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads the number from a string.
    ///
    /// # Errors
    /// The text is not a decimal number of 64 bits.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        // One number has one text: no sign, no leading zero, or equal values would hash differently.
        let value = text.parse().ok().filter(|value: &u64| value.to_string() == text);
        value.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a 64-bit decimal number")))
    }

    /// The same for a number that may be absent.
    pub mod option {
        use serde::{Deserializer, Serializer};

        /// Writes the number as a string.
        ///
        /// # Errors
        /// The serializer's.
        pub fn serialize<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
            match value {
                Some(value) => super::serialize(value, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads the number from a string that is there.
        ///
        /// # Errors
        /// As [`super::deserialize`].
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
            super::deserialize(deserializer).map(Some)
        }
    }
}

/// Why a frame could not be read.
#[derive(Debug)]
pub enum FrameFault {
    /// A length is over its limit.
    TooLarge {
        /// `JSON` or `attachment`.
        part: &'static str,
        /// The length that was announced, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        max: usize,
    },
    /// The JSON is not a frame.
    Syntax(serde_json::Error),
    /// The stream ended within a frame.
    Truncated,
    /// The stream failed.
    Io(io::Error),
}

impl FrameFault {
    /// The code of the fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => crate::code::PROTOCOL_TOO_LARGE,
            _ => crate::code::PROTOCOL_BAD_FRAME,
        }
    }
}

impl fmt::Display for FrameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { part, bytes, max } => {
                write!(f, "a frame announces {bytes} bytes of {part}; at most {max} are allowed")
            }
            Self::Syntax(error) => write!(f, "a frame cannot be read: {error}"),
            Self::Truncated => write!(f, "the stream ended within a frame"),
            Self::Io(error) => write!(f, "the stream failed: {error}"),
        }
    }
}

impl std::error::Error for FrameFault {}

impl From<io::Error> for FrameFault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Truncated } else { Self::Io(error) }
    }
}

/// Reads one frame and its attachment; `None` when the stream ends before a frame begins.
///
/// # Errors
/// A [`FrameFault`]; after one the stream cannot be used any more.
pub fn read<F: DeserializeOwned>(reader: &mut impl Read) -> Result<Option<(F, Vec<u8>)>, FrameFault> {
    let Some((json, blob)) = read_bytes(reader)? else { return Ok(None) };
    let frame = serde_json::from_slice(&json).map_err(FrameFault::Syntax)?;
    Ok(Some((frame, blob)))
}

/// The JSON of a frame and its attachment.
pub type Unread = (Vec<u8>, Vec<u8>);

/// Reads the JSON of one frame and its attachment, and makes nothing of them.
///
/// # Errors
/// As [`read`], but for [`FrameFault::Syntax`].
pub fn read_bytes(reader: &mut impl Read) -> Result<Option<Unread>, FrameFault> {
    let mut head = [0; 8];
    if !fill_or_end(reader, &mut head)? {
        return Ok(None);
    }
    let [json_len, blob_len] = lengths(head)?;
    Ok(Some((take(reader, json_len)?, take(reader, blob_len)?)))
}

fn lengths(head: [u8; 8]) -> Result<[usize; 2], FrameFault> {
    let [a, b, c, d, e, f, g, h] = head;
    let json = u32::from_be_bytes([a, b, c, d]) as usize;
    let blob = u32::from_be_bytes([e, f, g, h]) as usize;
    for (part, bytes, max) in
        [("JSON", json, FRAME_JSON_BYTES_MAX), ("attachment", blob, FRAME_BLOB_BYTES_MAX)]
    {
        if bytes > max {
            return Err(FrameFault::TooLarge { part, bytes, max });
        }
    }
    Ok([json, blob])
}

/// Fills the buffer; false when the stream ended before its first byte.
fn fill_or_end(reader: &mut impl Read, buffer: &mut [u8]) -> Result<bool, FrameFault> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(FrameFault::Truncated),
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// The most that is allocated before a byte of it has come.
const ALLOCATED_BYTES_MAX: usize = 4 << 10;

/// Reads so many bytes, allocating more than a little as they come rather than as they were announced.
fn take(reader: &mut impl Read, bytes: usize) -> Result<Vec<u8>, FrameFault> {
    let mut buffer = Vec::with_capacity(bytes.min(ALLOCATED_BYTES_MAX));
    reader.take(bytes as u64).read_to_end(&mut buffer)?;
    if buffer.len() == bytes { Ok(buffer) } else { Err(FrameFault::Truncated) }
}

/// Writes one frame and its attachment with a single `write`.
///
/// # Errors
/// [`FrameFault::TooLarge`] when the frame is over a limit, or the stream's error.
pub fn write<F: Serialize>(writer: &mut impl Write, frame: &F, blob: &[u8]) -> Result<(), FrameFault> {
    let mut bytes = Vec::with_capacity(512);
    bytes.extend([0; 8]);
    serde_json::to_writer(&mut bytes, frame).map_err(FrameFault::Syntax)?;
    let parts =
        [bytes.len() - 8, blob.len()].map(|part| u32::try_from(part).unwrap_or(u32::MAX).to_be_bytes());
    let head = std::array::from_fn(|at| parts[at / 4][at % 4]);
    lengths(head)?;
    bytes[..8].copy_from_slice(&head);
    bytes.extend(blob);
    writer.write_all(&bytes)?;
    writer.flush()?;
    Ok(())
}
