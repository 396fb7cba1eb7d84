//! The host's side of the conversation as a state machine: frames in, actions out, no IO.
//!
//! Invariant: a frame that has no meaning at its time ends the conversation. The guest is never
//! trusted; what it may call is decided here, before anything happens.

use crate::authorization::{Denial, Grants};
use crate::capability::Call;
use orket_contract::ambient::Kind;
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_contract::plan::RunPlan;
use orket_contract::protocol::{Failure, GuestFrame, HostFrame, Level, Observation, VERSION};
use orket_contract::result::WorkloadResult;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What the host has to do next.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    /// The guest is who its artifact says, and waits for work.
    Greeted,
    /// The guest holds these capabilities, none beyond what it was granted.
    Holding(BTreeSet<String>),
    /// The input was compiled.
    Planned(RunPlan),
    /// Carry the call out, record it and reply.
    Call(u64, Call),
    /// Record the refusal and reply it.
    Deny(u64, Call, Denial),
    /// Hash the artifact, record it and answer.
    Artifact {
        /// Its path, as the guest gave it.
        path: String,
        /// What it is.
        kind: Option<String>,
    },
    /// Record the observation.
    Trace {
        /// Its name.
        event: String,
        /// Its facts.
        payload: Value,
    },
    /// Count what was asked of the surroundings.
    Observed {
        /// By kind.
        observations: Vec<Observation>,
        /// What the sandbox has refused last, where that is of a kind.
        refused: Option<Kind>,
        /// The callers of the draw that was asked for.
        traced: Vec<u64>,
    },
    /// Show the line.
    Log {
        /// How loud.
        level: Level,
        /// The line.
        message: String,
    },
    /// The step is over.
    Done(WorkloadResult),
    /// What the guest was asked for failed.
    Failed(Failure),
    /// What the validators found.
    Validated(Vec<Issue>),
    /// The summary.
    Summary(Map<String, Value>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Greeting,
    Granting,
    Ready,
    Planning,
    Running { next: u64 },
    Judging,
    Summarising,
    Over,
}

/// One conversation with one guest.
#[derive(Debug)]
pub(crate) struct Session {
    state: State,
    notes: Vec<String>,
    grants: Grants,
    time_ns: u64,
}

impl Session {
    /// A conversation with a guest that must name these notes and may call what it is granted.
    #[must_use]
    pub(crate) fn new(notes: Vec<String>, grants: Grants) -> Self {
        Self { state: State::Greeting, notes, grants, time_ns: 0 }
    }

    /// Notes what the host sends, which decides what the guest may answer.
    pub(crate) fn on_send(&mut self, frame: &HostFrame) {
        self.state = match frame {
            HostFrame::Grant { .. } => State::Granting,
            HostFrame::Plan { .. } => State::Planning,
            HostFrame::Start { .. } => State::Running { next: 0 },
            HostFrame::Validate { .. } => State::Judging,
            HostFrame::Summarize { .. } => State::Summarising,
            HostFrame::Reply { .. } | HostFrame::Artifact { .. } => self.state,
        };
    }

    /// Takes a frame of the guest.
    ///
    /// # Errors
    /// `protocol.*`, `handshake.mismatch`: the guest must be ended.
    pub(crate) fn on_frame(&mut self, frame: GuestFrame) -> Result<Action, Issue> {
        let turn = self.turn(frame);
        if turn.is_err() {
            self.state = State::Over;
        }
        turn
    }

    fn turn(&mut self, frame: GuestFrame) -> Result<Action, Issue> {
        self.hear_time(&frame);
        match (self.state, frame) {
            (State::Greeting, GuestFrame::Hello { protocol, notes }) => self.greet(protocol, &notes),
            (State::Granting, GuestFrame::Holding { capabilities }) => {
                let held: BTreeSet<String> = capabilities.into_iter().collect();
                self.grants.holds_no_more(&held)?;
                self.then(State::Ready, Action::Holding(held))
            }
            (State::Planning, GuestFrame::Planned { plan }) => self.then(State::Ready, Action::Planned(plan)),
            (State::Running { next }, GuestFrame::Call { seq, capability, op, args, at: _ })
                if seq == next =>
            {
                self.state = State::Running { next: next + 1 };
                Ok(self.authorise(seq, Call { capability, op, args, blob: Vec::new() }))
            }
            (State::Running { .. }, GuestFrame::Artifact { path, kind, at: _ }) => {
                Ok(Action::Artifact { path, kind })
            }
            (State::Running { .. }, GuestFrame::Trace { event, payload, at: _ }) => {
                Ok(Action::Trace { event, payload })
            }
            (State::Running { .. }, GuestFrame::Done { result }) => {
                self.then(State::Ready, Action::Done(result))
            }
            (State::Judging, GuestFrame::Validated { issues }) => {
                self.then(State::Ready, Action::Validated(issues))
            }
            (State::Summarising, GuestFrame::Summary { value }) => {
                self.then(State::Ready, Action::Summary(value))
            }
            (State::Greeting | State::Ready | State::Over, frame) => Err(self.out_of_turn(&frame)),
            (_, GuestFrame::Observed { observations, traced, refused, at: _ }) => {
                Ok(Action::Observed { observations, traced, refused })
            }
            (_, GuestFrame::Log { level, message }) => Ok(Action::Log { level, message }),
            (_, GuestFrame::Failed { failure }) => self.then(State::Over, Action::Failed(failure)),
            (_, frame) => Err(self.out_of_turn(&frame)),
        }
    }

    /// The virtual time that the guest has named last; its clock never goes back.
    pub(crate) fn time_ns(&self) -> u64 {
        self.time_ns
    }

    fn hear_time(&mut self, frame: &GuestFrame) {
        if let GuestFrame::Call { at, .. }
        | GuestFrame::Artifact { at, .. }
        | GuestFrame::Trace { at, .. }
        | GuestFrame::Observed { at, .. } = frame
        {
            self.time_ns = self.time_ns.max(at.unwrap_or_default());
        }
    }

    fn then(&mut self, state: State, action: Action) -> Result<Action, Issue> {
        self.state = state;
        Ok(action)
    }

    fn greet(&mut self, protocol: u32, notes: &[String]) -> Result<Action, Issue> {
        if protocol != VERSION {
            let message = format!("the extension speaks protocol {protocol}; this host speaks {VERSION}");
            return Err(Issue::error(code::PROTOCOL_VERSION, message)
                .with_hint("build the extension with an SDK of this host's version"));
        }
        if notes != self.notes {
            let message = "the running extension names another manifest than its artifact holds";
            return Err(Issue::error(code::HANDSHAKE_MISMATCH, message).with_hint("build the extension anew"));
        }
        self.then(State::Ready, Action::Greeted)
    }

    /// What a guest of this conversation may call.
    pub(crate) fn grants(&self) -> &Grants {
        &self.grants
    }

    fn authorise(&self, seq: u64, call: Call) -> Action {
        match self.grants.judge(&call.capability) {
            Ok(()) => Action::Call(seq, call),
            Err(denial) => Action::Deny(seq, call, denial),
        }
    }

    fn out_of_turn(&self, frame: &GuestFrame) -> Issue {
        let message =
            format!("`{}` has no meaning while the extension is {}", frame.name(), self.state.name());
        Issue::error(code::PROTOCOL_OUT_OF_TURN, message)
    }
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Granting => "taking what it was granted",
            Self::Ready => "waiting for work",
            Self::Planning => "planning",
            Self::Running { .. } => "running",
            Self::Judging => "validating",
            Self::Summarising => "summarising",
            Self::Over => "at its end",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orket_contract::protocol::Context;
    use orket_contract::result::Status;
    use serde_json::json;

    fn hello(protocol: u32, note: &str) -> GuestFrame {
        GuestFrame::Hello { protocol, notes: vec![note.to_owned()] }
    }

    fn start() -> HostFrame {
        let context = Context { params: Map::new(), run_id: "run-1".into(), seed: 0 };
        HostFrame::Start { workload: "w".into(), context, input: json!({}) }
    }

    fn call(seq: u64, capability: &str) -> GuestFrame {
        GuestFrame::Call { seq, capability: capability.into(), op: "now".into(), args: Map::new(), at: None }
    }

    fn done() -> GuestFrame {
        let result =
            WorkloadResult { artifacts: vec![], issues: vec![], output: Map::new(), status: Status::Ok };
        GuestFrame::Done { result }
    }

    fn greeted() -> Session {
        let clock: BTreeSet<String> = ["clock".into()].into();
        let grants = Grants { declared: clock.clone(), admitted: clock.clone(), provided: clock };
        let mut session = Session::new(vec!["note".into()], grants);
        session.on_frame(hello(VERSION, "note")).expect("greeting");
        session
    }

    #[track_caller]
    fn check(session: &mut Session, frame: GuestFrame, expected: &str) {
        let code = match session.on_frame(frame) {
            Ok(action) => format!("{action:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned(),
            Err(issue) => issue.code,
        };
        assert_eq!(code, expected);
    }

    #[test]
    fn a_whole_run() {
        let mut session = greeted();
        session.on_send(&start());
        check(&mut session, call(0, "clock"), "Call");
        check(&mut session, call(1, "console"), "Deny");
        check(&mut session, GuestFrame::Trace { event: "e".into(), payload: Value::Null, at: None }, "Trace");
        check(&mut session, done(), "Done");
        session.on_send(&HostFrame::Summarize { workload: "w".into() });
        check(&mut session, GuestFrame::Summary { value: Map::new() }, "Summary");
    }

    #[test]
    fn the_greeting_must_be_the_artifacts() {
        let new = || Session::new(vec!["note".into()], Grants::default());
        check(&mut new(), hello(VERSION, "other"), "handshake.mismatch");
        check(&mut new(), hello(VERSION + 1, "note"), "protocol.version");
        check(&mut new(), done(), "protocol.out-of-turn");
    }

    #[test]
    fn a_guest_that_holds_more_than_it_was_granted_is_ended() {
        let holding = |name: &str| GuestFrame::Holding { capabilities: vec![name.to_owned()] };
        for (name, expected) in [("clock", "Holding"), ("kv", "capability.drift")] {
            let mut session = greeted();
            session.on_send(&HostFrame::Grant { capabilities: vec!["clock".into()], ambient: None });
            check(&mut session, holding(name), expected);
        }
        check(&mut greeted(), holding("clock"), "protocol.out-of-turn");
    }

    #[test]
    fn frames_out_of_turn_end_the_conversation() {
        let mut session = greeted();
        check(&mut session, done(), "protocol.out-of-turn");
        session.on_send(&start());
        check(&mut session, call(1, "clock"), "protocol.out-of-turn");
        let mut session = greeted();
        session.on_send(&HostFrame::Plan { workload: "w".into(), seed: 0, input: json!({}) });
        check(&mut session, call(0, "clock"), "protocol.out-of-turn");
        check(&mut session, GuestFrame::Validated { issues: vec![] }, "protocol.out-of-turn");
    }

    #[test]
    fn what_was_observed_may_be_told_while_there_is_a_task_and_time_never_goes_back() {
        let observed = |at| GuestFrame::Observed { observations: vec![], traced: vec![], refused: None, at };
        let mut session = greeted();
        check(&mut session, observed(None), "protocol.out-of-turn");
        let mut session = greeted();
        session.on_send(&start());
        for (at, expected) in [(Some(5), 5), (None, 5), (Some(3), 5), (Some(u64::MAX), u64::MAX)] {
            check(&mut session, observed(at), "Observed");
            assert_eq!(session.time_ns(), expected);
        }
    }

    #[test]
    fn planning_and_validating_have_no_capabilities() {
        for frame in [
            HostFrame::Plan { workload: "w".into(), seed: 0, input: json!({}) },
            HostFrame::Validate { workload: "w".into(), result: result() },
            HostFrame::Summarize { workload: "w".into() },
        ] {
            let mut session = greeted();
            session.on_send(&frame);
            check(&mut session, call(0, "clock"), "protocol.out-of-turn");
        }
    }

    fn result() -> WorkloadResult {
        WorkloadResult { artifacts: vec![], issues: vec![], output: Map::new(), status: Status::Stop }
    }
}
