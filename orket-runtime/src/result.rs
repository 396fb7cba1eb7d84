//! What a workload gives back, and how it fails.
//!
//! ```
//! use orket_runtime::prelude::*;
//! fn finish(solved: bool) -> Result<WorkloadResult> {
//!     if solved { WorkloadResult::ok(json!({})) } else { WorkloadResult::stop(json!({ "why": "gave up" })) }
//! }
//! ```

use std::fmt;
use std::panic;

use orket_contract::code;
use orket_contract::protocol::Failure;
use orket_contract::result as wire;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use orket_contract::issue::{Issue, Location, Severity};
pub use orket_contract::result::{ArtifactRef, Status};

/// A result whose error is Orket's, unless another is named.
///
/// ```
/// fn parse(text: &str) -> orket_runtime::Result<u8> {
///     Ok(text.parse()?) // any error converts
/// }
/// assert_eq!(parse("x").unwrap_err().code(), "result.error");
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a workload could not do its work: a code, a message and the place in the author's source.
///
/// It converts from every [`std::error::Error`], so `?` works on all of them; for that reason it is
/// not one itself. The place of the `?` is kept.
///
/// ```
/// use orket_runtime::Error;
/// let error = Error::new("door.locked", "the door is locked");
/// assert_eq!(error.to_string(), "[door.locked] the door is locked");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Failure);

impl Error {
    /// An error with a code of the table or of your own, in the form `noun.what`.
    ///
    /// ```
    /// use orket_runtime::{Error, Result};
    /// fn open(key: Option<u32>) -> Result<u32> {
    ///     key.ok_or_else(|| Error::new("door.locked", "there is no key"))
    /// }
    /// assert_eq!(open(None).unwrap_err().code(), "door.locked");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Failure { code: code.into(), message: message.into(), location: authors_place() })
    }

    /// Its code; `result.error` where it was converted from another error.
    ///
    /// ```
    /// let error = orket_runtime::Error::from(std::fmt::Error);
    /// assert_eq!(error.code(), "result.error");
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What happened; for a converted error its message and those of its sources.
    ///
    /// ```
    /// assert_eq!(orket_runtime::Error::new("door.locked", "no key").message(), "no key");
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// `file:line:column` in the author's source, where known.
    ///
    /// ```
    /// let error = orket_runtime::Error::new("door.locked", "no key");
    /// assert!(error.location().is_some_and(|place| place.contains(".rs:")));
    /// ```
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }

    /// What the other side said, at the author's place that is known here.
    pub(crate) fn told(failure: Failure, place: Option<String>) -> Self {
        Self(Failure { location: failure.location.or(place), ..failure })
    }

    pub(crate) fn into_failure(self) -> Failure {
        self.0
    }
}

/// The place of the caller, unless that is the SDK itself.
#[track_caller]
pub(crate) fn authors_place() -> Option<String> {
    let place = panic::Location::caller();
    let sdk = file!().strip_suffix("result.rs").unwrap_or_default();
    (!place.file().starts_with(sdk)).then(|| place.to_string())
}

impl<E: std::error::Error> From<E> for Error {
    #[track_caller]
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::new(code::RESULT_ERROR, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Like [`fmt::Display`], with the place: it is what a failing test prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        self.location().map_or(Ok(()), |place| write!(f, " at {place}"))
    }
}

/// What a workload gives back: a status, an output that is a JSON object, artifacts and issues.
///
/// Artifacts that were written through the context are listed by the SDK.
///
/// ```
/// use orket_runtime::prelude::*;
/// # fn main() -> Result<()> {
/// let result = WorkloadResult::ok(json!({ "solved": true, "turns": 12 }))?;
/// assert_eq!(result.output["turns"], 12);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadResult {
    /// How the workload ended.
    pub status: Status,
    /// Its output.
    pub output: Map<String, Value>,
    /// Artifacts besides those that were written through the context.
    #[serde(default)]
    pub artifacts: Vec<ArtifactRef>,
    /// What it wants to be known.
    #[serde(default)]
    pub issues: Vec<Issue>,
}

impl WorkloadResult {
    /// The workload did what it was asked for.
    ///
    /// Numbers in the output are hashed, hence integers within ±(2^53 − 1); the host refuses others
    /// with `json.number`. Write a fraction or a 64-bit number as a string.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// let result = WorkloadResult::ok(json!({ "winner": "NADIA_BLOOM" }));
    /// assert!(result.is_ok());
    /// assert_eq!(WorkloadResult::ok("text").unwrap_err().code(), "result.shape");
    /// ```
    ///
    /// # Errors
    /// `result.shape` when the output is no JSON object.
    #[track_caller]
    pub fn ok(output: impl Serialize) -> Result<Self> {
        Self::with(Status::Ok, output)
    }

    /// The workload ended early on purpose; what it did is published.
    ///
    /// ```
    /// use orket_runtime::{prelude::*, result::Status};
    /// # fn main() -> Result<()> {
    /// let result = WorkloadResult::stop(json!({ "reason": "the player left" }))?;
    /// assert_eq!(result.status, Status::Stop);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `result.shape` when the output is no JSON object.
    #[track_caller]
    pub fn stop(output: impl Serialize) -> Result<Self> {
        Self::with(Status::Stop, output)
    }

    /// The workload failed and says why; nothing is published.
    ///
    /// Unlike an `Err` it can carry output and more issues.
    ///
    /// ```
    /// use orket_runtime::{prelude::*, result::Status};
    /// # fn main() -> Result<()> {
    /// let result = WorkloadResult::error("world.unsolvable", "no clue names the culprit")?;
    /// assert_eq!(result.status, Status::Error);
    /// assert_eq!(result.issues[0].code, "world.unsolvable");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// None; it is a `Result` so that it can stand where [`WorkloadResult::ok`] does.
    pub fn error(code: &str, message: impl Into<String>) -> Result<Self> {
        let issues = vec![Issue::error(code, message)];
        Ok(Self { status: Status::Error, output: Map::new(), artifacts: Vec::new(), issues })
    }

    /// Adds something that it wants to be known.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// # fn main() -> Result<()> {
    /// let result = WorkloadResult::ok(json!({}))?
    ///     .with_issue(Issue::warning("script.short", "the script ended before the case was solved"));
    /// assert!(!result.issues[0].is_error());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_issue(mut self, issue: Issue) -> Self {
        self.issues.push(issue);
        self
    }

    #[track_caller]
    fn with(status: Status, output: impl Serialize) -> Result<Self> {
        let output = object(serde_json::to_value(output)?, "the output of a workload")?;
        Ok(Self { status, output, artifacts: Vec::new(), issues: Vec::new() })
    }

    /// The result as it crosses the boundary, with what was written: sorted, unique by path, where
    /// a reference that was made for written bytes replaces one that the author listed.
    pub(crate) fn listing(mut self, written: impl IntoIterator<Item = ArtifactRef>) -> wire::WorkloadResult {
        let mut artifacts: Vec<_> = written.into_iter().chain(self.artifacts.drain(..)).collect();
        artifacts.sort_by(|a, b| a.path.cmp(&b.path)); // stable: the written one stays first
        artifacts.dedup_by(|later, earlier| later.path == earlier.path);
        wire::WorkloadResult { artifacts, issues: self.issues, output: self.output, status: self.status }
    }
}

impl From<wire::WorkloadResult> for WorkloadResult {
    fn from(result: wire::WorkloadResult) -> Self {
        let wire::WorkloadResult { artifacts, issues, output, status } = result;
        Self { status, output, artifacts, issues }
    }
}

/// The entries of a JSON object; `what` names the value in the error.
#[track_caller]
pub(crate) fn object(value: Value, what: &str) -> Result<Map<String, Value>> {
    match value {
        Value::Object(entries) => Ok(entries),
        other => Err(Error::new(code::RESULT_SHAPE, format!("{what} is a JSON object, not `{other}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn artifact(path: &str, size: u64) -> ArtifactRef {
        ArtifactRef { path: path.to_owned(), sha256: "0".repeat(64), size, kind: None }
    }

    #[test]
    fn artifacts_are_listed_sorted_and_once() {
        let mut result = WorkloadResult::ok(json!({})).unwrap();
        result.artifacts = vec![artifact("b", 1), artifact("a", 1)];
        let listed = result.listing([artifact("c", 2), artifact("b", 2)]).artifacts;
        assert_eq!(listed, [artifact("a", 1), artifact("b", 2), artifact("c", 2)]);
    }

    #[test]
    fn a_converted_error_tells_its_causes() {
        #[derive(Debug)]
        struct Outer(fmt::Error);
        impl fmt::Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("outer")
            }
        }
        impl std::error::Error for Outer {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                Some(&self.0)
            }
        }
        let error = Error::from(Outer(fmt::Error));
        assert_eq!(error.message(), format!("outer: {}", fmt::Error));
    }

    #[test]
    fn places_within_the_sdk_are_not_the_authors() {
        assert_eq!(Error::new("a.b", "c").location(), None);
    }
}
