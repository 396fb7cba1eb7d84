//! Checks what a run left: the result's shape, every artifact, then the author's own validators.

use super::execute::errors;
use super::plan::{failed, refused};
use super::{Conversation, Outcome};
use super::{Host, Plan, Prepared};
use crate::error::{Error, Phase};
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
use serde_json::{Map, Value};

/// A run that may be published: its result, its artifacts and its summary. Only [`check`] makes one.
#[derive(Debug)]
pub struct Checked {
    /// The outcome.
    pub outcome: Outcome,
    /// Every file of the run, by digest.
    pub artifacts: ArtifactList,
    /// The digest of the output.
    pub output_digest: Digest,
    /// What the author's `summarize` gave.
    pub summary: Option<Map<String, Value>>,
    /// What the validators found that does not stop the run.
    pub findings: Vec<Issue>,
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
    outcome: Outcome,
) -> Result<Checked, Error> {
    ended_well(&outcome.result)?;
    let output_digest = Digest::within_json(domain::OUTPUT, &outcome.result.output)
        .map_err(|fault| refused(Phase::Check, &fault))?;
    canonical::to_string(&outcome.result).map_err(|fault| refused(Phase::Check, &fault))?;
    let artifacts = artifact::list(prepared.stage.dir(), &outcome.result.artifacts, &plan.policy)?;
    let judged = judge(host, admitted, prepared, plan, &outcome.result)?;
    Ok(Checked { outcome, artifacts, output_digest, summary: judged.summary, findings: judged.findings })
}

/// Refuses a result that says itself that it failed.
fn ended_well(result: &WorkloadResult) -> Result<(), Error> {
    let mut issues: Vec<Issue> = errors(result).cloned().collect();
    if result.status == Status::Error && issues.is_empty() {
        issues.push(Issue::error(code::RESULT_ERROR, "the workload ended with the status `error`"));
    }
    if issues.is_empty() { Ok(()) } else { Err(Error::Refused { phase: Phase::Check, issues }) }
}

#[derive(Default)]
struct Judged {
    findings: Vec<Issue>,
    summary: Option<Map<String, Value>>,
}

/// Runs validators and `summarize` in a fresh guest that sees the artifacts read-only.
fn judge(
    host: &Host,
    admitted: &Admitted<'_>,
    prepared: &Prepared,
    plan: &Plan,
    result: &WorkloadResult,
) -> Result<Judged, Error> {
    let workload = admitted.workload();
    if workload.validators.is_empty() && !workload.summarize {
        return Ok(Judged::default());
    }
    let session = Session::new(admitted.extension().notes().to_vec(), Vec::new());
    let mut guest = Conversation::open(host, &read_only(prepared), admitted.extension().program()?, session)?;
    let name = workload.id.to_string();
    let mut judged = Judged::default();
    if !workload.validators.is_empty() {
        let frame = HostFrame::Validate { workload: name.clone(), result: result.clone() };
        guest.send(Phase::Check, &frame, &[])?;
        judged.findings = match answer(&mut guest)? {
            Action::Validated(issues) => passed(issues)?,
            other => return Err(guest.unexpected(&other)),
        };
    }
    if workload.summarize {
        guest.send(Phase::Check, &HostFrame::Summarize { workload: name }, &[])?;
        judged.summary = match answer(&mut guest)? {
            Action::Summary(value) => Some(value),
            other => return Err(guest.unexpected(&other)),
        };
        canonical::to_string(&judged.summary).map_err(|fault| refused(Phase::Check, &fault))?;
    }
    guest.close()?.keep(&prepared.stage.dir().join("logs"))?;
    debug_assert!(plan.workload == workload.id);
    Ok(judged)
}

/// The next frame that is not a line of log.
fn answer(guest: &mut Conversation) -> Result<Action, Error> {
    loop {
        match guest.next()?.0 {
            Action::Log { .. } => {}
            Action::Failed(failure) => return Err(failed(Phase::Check, failure)),
            action => return Ok(action),
        }
    }
}

/// What the validators found, unless one found an error.
fn passed(issues: Vec<Issue>) -> Result<Vec<Issue>, Error> {
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
