//! Runs the steps of a plan: calls are authorised, answered and recorded as they come.

use super::{Conversation, Event, Host, Log, Observer, Plan, Prepared};
use crate::ambient::Ambient;
use crate::authorization::{self, Authorized, Denial, Envelope, Grants};
use crate::capability::{Answered, Call, Kv, Profile, Providers, Reply};
use crate::error::{Error, Phase};
use crate::journal::{Journal, Recorded};
use crate::permissions::Admitted;
use crate::registry::artifact;
use crate::sandbox::LayerStatus;
use crate::session::{Action, Session};
use orket_contract::capability::{Repeats, find};
use orket_contract::issue::Issue;
use orket_contract::plan::RunAction;
use orket_contract::protocol::{Answer, Context, Failure, HostFrame};
use orket_contract::result::{ArtifactRef, Status, WorkloadResult};
use orket_contract::transcript::Kind;
use serde_json::{Value, json};

/// A run whose steps are over, before anyone has checked what it left.
#[derive(Debug)]
pub struct Outcome {
    /// The result of the last step, with the artifacts and issues of all.
    pub result: WorkloadResult,
    /// The finished record.
    pub recorded: Recorded,
    /// What was declared, admitted, instantiated, used and refused.
    pub authorized: Authorized,
    /// The layers of the sandbox that were enforced.
    pub layers: Vec<LayerStatus>,
    /// What the guests asked of their surroundings past the capabilities.
    pub ambient: Ambient,
    /// What `kv` holds at the end: a snapshot that another run may start from.
    pub kv: Kv,
    /// What is remembered of the profile at the end, likewise.
    pub memory: Profile,
}

/// What a run is carried out with.
pub(crate) struct Run<'a> {
    pub(crate) host: &'a Host,
    pub(crate) admitted: &'a Admitted<'a>,
    pub(crate) prepared: &'a Prepared,
    pub(crate) plan: &'a Plan,
    pub(crate) providers: Providers,
    pub(crate) journal: Journal,
    pub(crate) log: Log,
    pub(crate) observer: &'a mut dyn Observer,
    pub(crate) envelope: Envelope,
}

/// Executes all steps. The guest that compiled the plan runs the first one, if that is its own.
pub(crate) fn execute(mut run: Run<'_>, first: Conversation) -> Result<Outcome, Error> {
    let mut ambient = Ambient::default();
    let steps = run.steps(first, &mut ambient);
    let (result, layers) = steps.map_err(|error| with_refusals(error, &run.envelope))?;
    let recorded = run.journal.finish()?;
    let authorized = run.envelope.finish()?;
    let Providers { kv, memory, .. } = run.providers;
    Ok(Outcome { result, recorded, authorized, layers, ambient, kv, memory: memory.profile })
}

/// Adds to a refusal what the run was denied before: its record is gone with it.
fn with_refusals(error: Error, envelope: &Envelope) -> Error {
    let refusals = envelope.refusals();
    match error {
        Error::Refused { phase, mut issues } if refusals != json!([]) => {
            if let Some(issue) = issues.first_mut().filter(|issue| issue.details.is_null()) {
                issue.details = json!({ "authorization": refusals });
            }
            Error::Refused { phase, issues }
        }
        error => error,
    }
}

fn json_object() -> serde_json::Map<String, Value> {
    serde_json::Map::new()
}

/// The later result with what the earlier steps left: a later artifact of the same path wins.
fn merged(earlier: Option<WorkloadResult>, mut later: WorkloadResult) -> WorkloadResult {
    let Some(mut earlier) = earlier else { return later };
    earlier.artifacts.retain(|old| later.artifacts.iter().all(|new| new.path != old.path));
    later.artifacts.append(&mut earlier.artifacts);
    later.artifacts.sort();
    earlier.issues.append(&mut later.issues);
    later.issues = earlier.issues;
    later
}

impl Run<'_> {
    fn steps(
        &mut self,
        first: Conversation,
        ambient: &mut Ambient,
    ) -> Result<(WorkloadResult, Vec<LayerStatus>), Error> {
        let mut guest = Some(first);
        let mut total: Option<WorkloadResult> = None;
        let (mut layers, mut guests) = (Vec::new(), 0);
        let logs = self.prepared.stage.dir().join("logs");
        for action in &self.plan.plan.actions {
            let mut conversation = match guest.take() {
                Some(conversation) if action.target == self.plan.workload.as_str() => conversation,
                // It holds what the workload was granted, and the step is another's.
                Some(planner) => {
                    let remains = planner.close()?;
                    remains.keep(&logs)?;
                    ambient.and(guests, remains.observed);
                    guests += 1;
                    self.reopen(action, guests)?
                }
                None => {
                    guests += 1;
                    self.reopen(action, guests)?
                }
            };
            self.envelope.instantiated(conversation.held());
            let result = self.step(&mut conversation, action)?;
            let remains = conversation.close()?;
            remains.keep(&logs)?;
            ambient.and(guests, remains.observed);
            layers = remains.layers;
            let over = result.status != Status::Ok;
            total = Some(merged(total, result));
            if over {
                break;
            }
        }
        let empty =
            WorkloadResult { artifacts: vec![], issues: vec![], output: json_object(), status: Status::Ok };
        Ok((total.unwrap_or(empty), layers))
    }

    /// A fresh guest for a step, with the grants of the workload that does it.
    fn reopen(&self, action: &RunAction, guest: u32) -> Result<Conversation, Error> {
        let extension = self.admitted.extension();
        let workload = extension.manifest().workload(&action.target);
        let grants = workload.map_or_else(Grants::default, |workload| self.admitted.grants_of(workload));
        let session = Session::new(extension.notes().to_vec(), grants);
        let ambient = self.prepared.surroundings.of(guest, self.providers.time_ns);
        Conversation::granted(self.host, self.prepared.cell(), (extension.program()?, ambient), session)
    }

    fn step(&mut self, guest: &mut Conversation, action: &RunAction) -> Result<WorkloadResult, Error> {
        let workload = self.admitted.extension().manifest().workload(&action.target);
        self.providers.network.begin(workload.map_or_else(Vec::new, |workload| workload.network.clone()));
        let request = json!({ "params": action.params, "target": action.target });
        self.event(Kind::Step, Some(&action.op), Some(&request), None)?;
        let context =
            Context { params: action.params.clone(), run_id: self.plan.run_id.clone(), seed: self.plan.seed };
        let frame =
            HostFrame::Start { workload: action.target.clone(), context, input: self.plan.input.clone() };
        guest.send(Phase::Execute, &frame, &[])?;
        loop {
            let (event, blob) = guest.next()?;
            self.providers.time_ns = self.providers.time_ns.max(guest.time_ns());
            if let Some(result) = self.on_action(guest, event, blob)? {
                let value = serde_json::to_value(&result).unwrap_or_default();
                self.event(Kind::Exit, None, None, Some(&value))?;
                return Ok(result);
            }
        }
    }

    fn on_action(
        &mut self,
        guest: &mut Conversation,
        action: Action,
        blob: Vec<u8>,
    ) -> Result<Option<WorkloadResult>, Error> {
        match action {
            Action::Call(seq, call) => self.call(guest, seq, &Call { blob, ..call })?,
            Action::Deny(seq, call, denial) => self.deny(guest, seq, &Call { blob, ..call }, denial)?,
            Action::Artifact { path, kind } => self.artifact(guest, &path, kind)?,
            Action::Trace { event, payload } => {
                self.event(Kind::Trace, Some(&event), Some(&payload), None)?;
                self.observer.on_event(&Event::Trace { name: event, payload });
            }
            Action::Log { level, message } => {
                if let Some(event) = self.log.keep(level, message)? {
                    self.observer.on_event(&event);
                }
            }
            Action::Done(result) => return Ok(Some(result)),
            Action::Failed(failure) => {
                self.event(Kind::Exit, None, None, Some(&json!({ "failure": failure })))?;
                return Err(guest.failed(Phase::Execute, failure, self.admitted.extension()));
            }
            other => return Err(guest.unexpected(&other)),
        }
        Ok(None)
    }

    fn call(&mut self, guest: &mut Conversation, seq: u64, call: &Call) -> Result<(), Error> {
        let answer = match self.journal.answer(call)? {
            Some((answer, v)) => {
                self.providers.time_ns = v;
                answer.and_then(|reply| self.providers.repeat(call).map(|()| reply))
            }
            None => self.providers.call(call, guest.budget()),
        };
        self.reply(guest, seq, call, answer, None)
    }

    fn deny(&mut self, guest: &mut Conversation, seq: u64, call: &Call, denial: Denial) -> Result<(), Error> {
        // A replay must ask for the same, and is refused the same.
        self.journal.answer(call)?;
        let message = authorization::told(denial, &call.capability);
        let failure = Failure { code: denial.code().to_owned(), message, location: None };
        self.reply(guest, seq, call, Err(failure), Some(denial))
    }

    fn reply(
        &mut self,
        guest: &mut Conversation,
        seq: u64,
        call: &Call,
        answer: Answered,
        denial: Option<Denial>,
    ) -> Result<(), Error> {
        self.envelope.record(call, &answer, denial)?;
        let outside = find(&call.capability).is_some_and(|known| known.repeats == Repeats::ByTranscript);
        self.journal.call(call, &answer, self.providers.time_ns, outside)?;
        let (answer, blob) = match answer {
            Ok(Reply { value, blob }) => (Answer::Ok(value), blob),
            Err(failure) => (Answer::Error(failure), Vec::new()),
        };
        guest.send(Phase::Execute, &HostFrame::Reply { seq, answer, at: Some(self.providers.time_ns) }, &blob)
    }

    fn artifact(&mut self, guest: &mut Conversation, path: &str, kind: Option<String>) -> Result<(), Error> {
        let folder = self.prepared.stage.artifacts();
        let answer = match artifact::hash(&folder, path, self.plan.policy.artifact_bytes_max) {
            Ok(found) => Answer::Ok(ArtifactRef { kind, ..found }),
            Err(issue) => Answer::Error(Failure { code: issue.code, message: issue.message, location: None }),
        };
        let value = serde_json::to_value(&answer).unwrap_or_default();
        self.event(Kind::Artifact, Some(path), None, Some(&value))?;
        guest.send(Phase::Execute, &HostFrame::Artifact { answer }, &[])
    }

    fn event(
        &mut self,
        kind: Kind,
        op: Option<&str>,
        req: Option<&Value>,
        res: Option<&Value>,
    ) -> Result<(), Error> {
        self.journal.event(kind, op, req, res, self.providers.time_ns)
    }
}

/// The issues of a result that stop it.
pub(super) fn errors(result: &WorkloadResult) -> impl Iterator<Item = &Issue> {
    result.issues.iter().filter(|issue| issue.is_error())
}
