//! Whether an extension keeps the contract, is governed and repeats: shown by doing it, check by check.
//!
//! Invariants: a check passes only by something that was done just now, and each can fail; a check that could not be
//! done is skipped with the reason: another one has failed, or what it looks at is not here. Nothing is published, and nothing of the project
//! changes but what cargo builds.

mod bench;
mod checks;
mod extension;
mod form;
mod kind;
mod mutation;
mod sample;
mod subject;
mod workload;

pub(crate) use checks::{Check, State};
pub(crate) use form::Form;
pub(crate) use kind::KINDS;

use crate::args::{PolicyArgs, Selection};
use crate::error::Result;
use crate::host::{self, Asked};
use crate::report::Report;
use orket_contract::ORKET_VERSION;
use serde::Serialize;
use subject::Subject;

/// The version of the report's shape.
const FORMAT: u32 = 1;

/// What is to be examined, and what workloads without a recorded case are run with.
pub(crate) struct Wanted<'a> {
    /// Only this workload: its id, or `extension/workload`.
    pub(crate) workload: Option<&'a str>,
    /// The operator's policy.
    pub(crate) policy: &'a PolicyArgs,
    /// The packages.
    pub(crate) selection: &'a Selection,
    /// The input of workloads that have no case.
    pub(crate) asked: &'a Asked,
}

/// The report about several extensions.
#[derive(Debug, Serialize)]
pub(crate) struct Conformance {
    /// Whether no check failed.
    pub(crate) conforms: bool,
    /// The extensions, in the order of their folders.
    pub(crate) extensions: Vec<Examined>,
    /// [`FORMAT`].
    format: u32,
    /// The version of the host.
    orket: &'static str,
}

/// The report about one extension.
#[derive(Debug, Serialize)]
pub(crate) struct Examined {
    /// The digest of its program.
    pub(crate) build: Option<String>,
    /// What was checked.
    pub(crate) checks: Vec<Check>,
    /// Whether no check failed.
    pub(crate) conforms: bool,
    /// Its id; the package's name where no manifest could be read.
    pub(crate) id: String,
    /// The digest of its manifest.
    pub(crate) manifest: Option<String>,
    /// Its version.
    pub(crate) version: Option<String>,
}

/// Builds what is selected and examines it; what is installed, where nothing here offers the workload.
///
/// # Errors
/// What kept it from an answer: no extension here, a build that fails, a machine without a sandbox.
pub(crate) fn examine(wanted: &Wanted<'_>, report: &Report) -> Result<Conformance> {
    let policy = host::policy(wanted.policy)?;
    let examined = |subjects: &[Subject]| -> Result<Vec<Examined>> {
        let each = subjects.iter().map(|subject| extension::examine(subject, &policy, wanted, report));
        each.filter_map(Result::transpose).collect()
    };
    let (here, missing) = match subject::of_project(wanted, report) {
        Err(error) if error.is_no_project() => (Vec::new(), Some(error)),
        here => (here?, None),
    };
    let mut extensions = examined(&here)?;
    if extensions.is_empty() {
        extensions = examined(&subject::installed(wanted)?)?;
    }
    if extensions.is_empty() {
        if let Some(missing) = missing {
            return Err(missing);
        }
        let name = wanted.workload.unwrap_or_default();
        let issue = orket_contract::issue::Issue::error(
            orket_contract::code::WORKLOAD_UNKNOWN,
            format!("no extension here offers a workload `{name}`"),
        );
        return Err(issue.with_hint("`cargo orket list` lists them").into());
    }
    let conforms = extensions.iter().all(|examined: &Examined| examined.conforms);
    Ok(Conformance { conforms, extensions, format: FORMAT, orket: ORKET_VERSION })
}
