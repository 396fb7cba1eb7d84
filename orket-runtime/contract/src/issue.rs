//! What an author, an input or a run did wrong: values that are collected and shown together.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// How bad an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably a mistake; the work goes on.
    Warning,
    /// The work cannot go on, or its result is not published.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A place in a file: line and column count from 1, columns in characters; 0 means unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The file, as the user named it or relative to the project root.
    pub file: String,
    /// The line, from 1; 0 when unknown.
    #[serde(default)]
    pub line: u32,
    /// The column in characters, from 1; 0 when unknown.
    #[serde(default)]
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match (self.line, self.column) {
            (0, _) => Ok(()),
            (line, 0) => write!(f, ":{line}"),
            (line, column) => write!(f, ":{line}:{column}"),
        }
    }
}

/// One finding.
///
/// ```
/// # #[cfg(feature = "model")] {
/// use orket_contract::issue::Issue;
/// let issue = Issue::error("manifest.unknown-key", "`wrkloads` is not a key of a manifest")
///     .with_hint("did you mean `workloads`?");
/// assert_eq!(issue.to_string(), "error[manifest.unknown-key]: `wrkloads` is not a key of a manifest");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// A code of the table, or an author's own in the same `noun.what` form.
    pub code: String,
    /// What is wrong, as a lower-case sentence.
    pub message: String,
    /// How bad it is.
    pub severity: Severity,
    /// The stage of the run that found it, such as `preflight`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// How to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Facts for machines.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub details: Value,
}

impl Issue {
    fn new(severity: Severity, code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            severity,
            stage: None,
            location: None,
            hint: None,
            details: Value::Null,
        }
    }

    /// An issue that stops.
    #[must_use]
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// An issue that is reported while the work goes on.
    #[must_use]
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Adds the way to mend it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the stage that found it.
    #[must_use]
    pub fn in_stage(mut self, stage: &str) -> Self {
        self.stage = Some(stage.to_owned());
        self
    }

    /// Adds facts for machines.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// Whether it stops.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)
    }
}
