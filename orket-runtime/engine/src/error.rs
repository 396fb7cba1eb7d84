//! What the host could not do, or would not.
//!
//! A refusal is an answer about the extension or the request, always with all of its issues; the
//! other kinds are failures of the host or the machine.

use crate::journal::Divergence;
use crate::sandbox;
use orket_contract::code;
use orket_contract::issue::Issue;
use serde::Serialize;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A part of the pipeline, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Taking a package in.
    Install,
    /// Reading the manifest out of an artifact.
    Resolve,
    /// Comparing what is claimed with what is allowed.
    Admit,
    /// Checking and staging materials and input; nothing of the author's has run yet.
    Preflight,
    /// Starting the confined process and comparing its manifest with the artifact's.
    Spawn,
    /// Compiling the input into a plan.
    Plan,
    /// Running the steps of the plan.
    Execute,
    /// Checking result and artifacts, and running the validators.
    Check,
    /// Writing the record.
    Record,
    /// Making the run visible.
    Publish,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Install => "install",
            Self::Resolve => "resolve",
            Self::Admit => "admit",
            Self::Preflight => "preflight",
            Self::Spawn => "spawn",
            Self::Plan => "plan",
            Self::Execute => "execute",
            Self::Check => "check",
            Self::Record => "record",
            Self::Publish => "publish",
        })
    }
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline says no; `issues` is never empty.
    #[error("refused at {phase}: {}", summary(issues))]
    Refused {
        /// Where.
        phase: Phase,
        /// Why, completely.
        issues: Vec<Issue>,
    },
    /// A run differs from the one that it must repeat.
    #[error("{0}")]
    Diverged(Box<Divergence>),
    /// The process could not be confined or supervised.
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    /// A file could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    Store {
        /// What was tried, such as `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

fn summary(issues: &[Issue]) -> String {
    issues.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Error {
    /// A refusal with one issue.
    pub(crate) fn refused(phase: Phase, issue: Issue) -> Self {
        Self::Refused { phase, issues: vec![issue] }
    }

    /// A closure that turns an IO error into an [`Error::Store`].
    pub(crate) fn store(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Store { doing, path, source }
    }

    /// The error and its causes in one line.
    pub(crate) fn described(&self) -> String {
        described(self)
    }

    /// The error as issues, each with its phase where it has one.
    #[must_use]
    pub fn issues(&self) -> Vec<Issue> {
        match self {
            Self::Refused { phase, issues } => {
                issues.iter().map(|issue| issue.clone().in_stage(&phase.to_string())).collect()
            }
            Self::Diverged(divergence) => vec![divergence.issue()],
            Self::Sandbox(error) => {
                let issue = Issue::error(error.code(), described(error));
                vec![issue.in_stage(&Phase::Spawn.to_string())]
            }
            Self::Store { .. } => vec![Issue::error(code::STORE_FAILED, described(self))],
        }
    }
}

/// An error and its causes in one line.
fn described(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
