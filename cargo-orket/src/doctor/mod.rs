//! What this machine has of what Orket needs, found out by asking and trying, never by assuming.
//!
//! Invariants: every line is `ok`, `note` or `problem`; a problem has its fix; a problem is what keeps an
//! extension from being built or run here, and nothing less is one.

mod home;
mod machine;
mod programs;
mod project;
mod sandbox;
mod toolchain;
mod versions;

use crate::args::Selection;
use crate::report::Report;
use orket_engine::sandbox::{Attempt, Error, Trial};
use serde::Serialize;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// What it belongs to, such as `toolchain`.
    pub(crate) group: &'static str,
    /// Its stable name within the group.
    pub(crate) name: String,
    /// Whether it is as it should be.
    pub(crate) state: State,
    /// What was found.
    pub(crate) found: String,
    /// What to do about it.
    pub(crate) fix: Option<String>,
}

/// Whether a thing is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// It is.
    Ok,
    /// Worth knowing; nothing fails because of it.
    Note,
    /// Something cannot be done here until it is mended.
    Problem,
}

impl State {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Problem => "problem",
        }
    }
}

impl Line {
    fn ok(group: &'static str, name: impl Into<String>, found: impl Into<String>) -> Self {
        Self { group, name: name.into(), state: State::Ok, found: found.into(), fix: None }
    }

    fn note(group: &'static str, name: impl Into<String>, found: impl Into<String>) -> Self {
        Self { state: State::Note, ..Self::ok(group, name, found) }
    }

    fn problem(group: &'static str, name: impl Into<String>, found: impl Into<String>, fix: &str) -> Self {
        Self { state: State::Problem, ..Self::ok(group, name, found) }.fixed_by(fix)
    }

    fn fixed_by(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

/// Everything that was found.
pub(crate) struct Examination {
    /// The lines, group by group.
    pub(crate) lines: Vec<Line>,
    /// The trial of the sandbox, if a guest could be started.
    trial: Result<Trial, Error>,
}

impl Examination {
    /// Every attempt of the trial guest.
    pub(crate) fn attempts(&self) -> &[Attempt] {
        self.trial.as_ref().map_or(&[], |trial| &trial.attempts)
    }
}

/// Looks at everything; takes about a second.
pub(crate) fn examine(selection: &Selection, report: &Report) -> Examination {
    let trial = sandbox::try_out();
    let groups = [
        versions::lines(),
        toolchain::lines(),
        machine::lines(),
        sandbox::lines(&trial),
        programs::lines(),
        home::lines(),
        project::lines(selection, report),
    ];
    Examination { lines: groups.concat(), trial }
}

/// Only the sandbox.
pub(crate) fn examine_sandbox() -> Examination {
    let trial = sandbox::try_out();
    Examination { lines: [machine::lines(), sandbox::lines(&trial)].concat(), trial }
}
