//! Checks what a run left: the result's shape, every artifact, then the author's own validators.

use super::execute::errors;
use super::plan::refused;
use super::told::believed;
use super::{Cell, Conversation, Event, Host, Observer, Outcome, Plan, Prepared};
use crate::ambient::{Ambient, CHECKING};
use crate::authorization::Grants;
use crate::error::{Error, Phase};
use crate::journal::Digests;
use crate::loader::Resolved;
use crate::permissions::Admitted;
use crate::registry::artifact::{self, ArtifactList};
use crate::sandbox::Confinement;
use crate::session::{Action, Session};
use orket_contract::canonical;
use orket_contract::code;
use orket_contract::digest::{Digest, domain};
use orket_contract::issue::Issue;
use orket_contract::protocol::HostFrame;
use orket_contract::result::{Status, WorkloadResult};
use serde_json::{Map, Value, json};

/// A run that may be published: its result, its artifacts and its summary. Only `check` makes one.
#[derive(Debug)]
pub struct Checked {
    /// The outcome.
    pub outcome: Outcome,
    /// Every file of the run, by digest.
    pub artifacts: ArtifactList,
    /// The digest of the output and the summary.
    pub output_digest: Digest,
    /// What the author's `summarize` gave.
    pub summary: Option<Map<String, Value>>,
    /// What the validators found that does not stop the run.
    pub findings: Vec<Issue>,
}

impl Checked {
    /// What equal runs share.
    pub(crate) fn digests(&self) -> Digests {
        Digests {
            artifacts: self.artifacts.digest,
            output: self.output_digest,
            transcript: self.outcome.recorded.head,
        }
    }

    /// How the workload ended and what it gave, as it is recorded.
    pub(crate) fn result(&self) -> Value {
        json!({ "result": self.outcome.result, "summary": self.summary })
    }
}

/// Checks an outcome.
///
/// # Errors
/// `result.*`, `artifact.*`, `json.number`, `validator.failed`: nothing is published then.
pub(crate) fn check(
    host: &Host,
    admitted: &Admitted<'_>,
    prepared: &Prepared,
    plan: &Plan,
    mut outcome: Outcome,
    observer: &mut dyn Observer,
) -> Result<Checked, Error> {
    ended_well(&outcome.result)?;
    canonical::to_string(&outcome.result).map_err(|fault| refused(Phase::Check, &fault))?;
    let artifacts = artifact::list(prepared.stage.dir(), &outcome.result.artifacts, &plan.policy)?;
    let judged = judge(host, admitted, prepared, &outcome.result, observer)?;
    outcome.ambient.and(CHECKING, judged.observed);
    let output = json!({ "output": outcome.result.output, "summary": judged.summary });
    let output_digest =
        Digest::within_json(domain::OUTPUT, &output).map_err(|fault| refused(Phase::Check, &fault))?;
    Ok(Checked { outcome, artifacts, output_digest, summary: judged.summary, findings: judged.findings })
}

/// Refuses a result that says itself that it failed.
fn ended_well(result: &WorkloadResult) -> Result<(), Error> {
    let mut issues: Vec<Issue> = errors(result).cloned().map(believed).collect();
    if result.status == Status::Error && issues.is_empty() {
        issues.push(Issue::error(code::RESULT_ERROR, "the workload ended with the status `error`"));
    }
    if issues.is_empty() { Ok(()) } else { Err(Error::Refused { phase: Phase::Check, issues }) }
}

#[derive(Default)]
struct Judged {
    findings: Vec<Issue>,
    summary: Option<Map<String, Value>>,
    observed: Ambient,
}

/// Runs validators and `summarize` in a fresh guest that sees the artifacts read-only.
fn judge(
    host: &Host,
    admitted: &Admitted<'_>,
    prepared: &Prepared,
    result: &WorkloadResult,
    observer: &mut dyn Observer,
) -> Result<Judged, Error> {
    let workload = admitted.workload();
    if workload.validators.is_empty() && !workload.summarize {
        return Ok(Judged::default());
    }
    let session = Session::new(admitted.extension().notes().to_vec(), Grants::default());
    let confinement = read_only(prepared);
    let cell = Cell { confinement: &confinement, ..prepared.cell() };
    let program = (admitted.extension().program()?, prepared.surroundings.of(CHECKING, 0));
    let mut guest = Conversation::granted(host, cell, program, session)?;
    let name = workload.id.to_string();
    let mut judged = Judged::default();
    if !workload.validators.is_empty() {
        let frame = HostFrame::Validate { workload: name.clone(), result: result.clone() };
        guest.send(Phase::Check, &frame, &[])?;
        judged.findings = match answer(&mut guest, admitted.extension(), observer)? {
            Action::Validated(issues) => passed(issues)?,
            other => return Err(guest.unexpected(&other)),
        };
    }
    if workload.summarize {
        guest.send(Phase::Check, &HostFrame::Summarize { workload: name }, &[])?;
        judged.summary = match answer(&mut guest, admitted.extension(), observer)? {
            Action::Summary(value) => Some(value),
            other => return Err(guest.unexpected(&other)),
        };
    }
    let remains = guest.close()?;
    remains.keep(&prepared.stage.dir().join("logs"))?;
    judged.observed = remains.observed;
    Ok(judged)
}

/// The next frame that is not a line of log; those are shown.
fn answer(
    guest: &mut Conversation,
    extension: &Resolved,
    observer: &mut dyn Observer,
) -> Result<Action, Error> {
    loop {
        match guest.next()?.0 {
            Action::Log { level, message } => observer.on_event(&Event::Log { level, message }),
            Action::Failed(failure) => return Err(guest.failed(Phase::Check, failure, extension)),
            action => return Ok(action),
        }
    }
}

/// What the validators found, unless one found an error.
fn passed(issues: Vec<Issue>) -> Result<Vec<Issue>, Error> {
    let issues: Vec<Issue> = issues.into_iter().map(believed).collect();
    if !issues.iter().any(Issue::is_error) {
        return Ok(issues);
    }
    let count = issues.iter().filter(|issue| issue.is_error()).count();
    let message = format!("the validators found {count} error{}", if count == 1 { "" } else { "s" });
    let mut all = vec![Issue::error(code::VALIDATOR_FAILED, message)];
    all.extend(issues);
    Err(Error::Refused { phase: Phase::Check, issues: all })
}

/// The cell of the run without the right to write.
fn read_only(prepared: &Prepared) -> Confinement {
    let mut cell = prepared.cell.clone();
    cell.read_only.append(&mut cell.read_write);
    cell
}
