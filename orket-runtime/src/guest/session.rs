//! The guest's side of the conversation as a state machine without IO.
//!
//! Invariant: at any time the guest waits for one thing: a task, the reply to its last call, or the
//! reference of its last artifact. Any other frame is out of turn.

use orket_contract::code;
use orket_contract::protocol::{Ambient, Answer, Context, GuestFrame, HostFrame};
use orket_contract::result::{ArtifactRef, WorkloadResult};
use serde_json::{Map, Value};

use crate::ambient;
use crate::result::{Error, Result};

/// What the host asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Task {
    /// See [`HostFrame::Grant`].
    Grant { capabilities: Vec<String>, ambient: Option<Ambient> },
    /// See [`HostFrame::Plan`].
    Plan { workload: String, seed: u64, input: Value },
    /// See [`HostFrame::Start`].
    Start { workload: String, context: Context, input: Value },
    /// See [`HostFrame::Validate`].
    Validate { workload: String, result: WorkloadResult },
    /// See [`HostFrame::Summarize`].
    Summarize { workload: String },
}

/// What a frame of the host means.
#[derive(Debug, PartialEq)]
pub(super) enum Action {
    /// Do something.
    Perform(Task),
    /// A call was answered.
    Replied(Answer<Value>),
    /// An artifact was looked at.
    Stored(Answer<ArtifactRef>),
}

/// What the guest waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Task,
    Reply(u64),
    Artifact,
}

/// The state of the conversation. Calls are counted from 0 in every step.
#[derive(Debug)]
pub(super) struct Session {
    awaited: Awaited,
    calls: u64,
}

impl Session {
    pub(super) fn new() -> Self {
        Self { awaited: Awaited::Task, calls: 0 }
    }

    /// The frame of the next capability call, whose reply is awaited from now on.
    pub(super) fn call(&mut self, capability: &str, op: &str, args: Map<String, Value>) -> GuestFrame {
        let seq = self.calls;
        self.calls += 1;
        self.awaited = Awaited::Reply(seq);
        let (capability, op) = (capability.to_owned(), op.to_owned());
        GuestFrame::Call { seq, capability, op, args, at: ambient::time() }
    }

    /// The frame that reports an artifact, whose reference is awaited from now on.
    pub(super) fn artifact(&mut self, path: &str, kind: Option<&str>) -> GuestFrame {
        self.awaited = Awaited::Artifact;
        GuestFrame::Artifact { path: path.to_owned(), kind: kind.map(str::to_owned), at: ambient::time() }
    }

    /// Takes back the last call or artifact: its frame was not sent.
    pub(super) fn withdraw(&mut self) {
        if let Awaited::Reply(seq) = self.awaited {
            self.calls = seq;
        }
        self.awaited = Awaited::Task;
    }

    /// What a frame of the host means now.
    pub(super) fn on_frame(&mut self, frame: HostFrame) -> Result<Action> {
        let action = match (self.awaited, frame) {
            (Awaited::Task, HostFrame::Grant { capabilities, ambient }) => {
                Action::Perform(Task::Grant { capabilities, ambient })
            }
            (Awaited::Task, HostFrame::Plan { workload, seed, input }) => {
                Action::Perform(Task::Plan { workload, seed, input })
            }
            (Awaited::Task, HostFrame::Start { workload, context, input }) => {
                self.calls = 0;
                Action::Perform(Task::Start { workload, context, input })
            }
            (Awaited::Task, HostFrame::Validate { workload, result }) => {
                Action::Perform(Task::Validate { workload, result })
            }
            (Awaited::Task, HostFrame::Summarize { workload }) => {
                Action::Perform(Task::Summarize { workload })
            }
            (Awaited::Reply(awaited), HostFrame::Reply { seq, answer, at: _ }) if seq == awaited => {
                Action::Replied(answer)
            }
            (Awaited::Artifact, HostFrame::Artifact { answer }) => Action::Stored(answer),
            (awaited, frame) => return Err(out_of_turn(awaited, &frame)),
        };
        self.awaited = Awaited::Task;
        Ok(action)
    }
}

fn out_of_turn(awaited: Awaited, frame: &HostFrame) -> Error {
    let name = match frame {
        HostFrame::Grant { .. } => "grant".to_owned(),
        HostFrame::Plan { .. } => "plan".to_owned(),
        HostFrame::Start { .. } => "start".to_owned(),
        HostFrame::Reply { seq, .. } => format!("reply {seq}"),
        HostFrame::Artifact { .. } => "artifact".to_owned(),
        HostFrame::Validate { .. } => "validate".to_owned(),
        HostFrame::Summarize { .. } => "summarize".to_owned(),
    };
    let awaited = match awaited {
        Awaited::Task => "a task".to_owned(),
        Awaited::Reply(seq) => format!("reply {seq}"),
        Awaited::Artifact => "the reference of an artifact".to_owned(),
    };
    Error::new(
        code::PROTOCOL_OUT_OF_TURN,
        format!("the host sent `{name}` while the guest waits for {awaited}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reply(seq: u64) -> HostFrame {
        HostFrame::Reply { seq, answer: Answer::Ok(json!(seq)), at: None }
    }

    fn summarize() -> HostFrame {
        HostFrame::Summarize { workload: "w".to_owned() }
    }

    fn start(session: &mut Session) {
        let context = Context { params: Map::new(), run_id: "run".to_owned(), seed: 7 };
        let start = HostFrame::Start { workload: "w".to_owned(), context, input: json!({}) };
        assert!(matches!(session.on_frame(start), Ok(Action::Perform(_))));
    }

    #[track_caller]
    fn refused(session: &mut Session, frame: HostFrame) {
        assert_eq!(session.on_frame(frame).unwrap_err().code(), code::PROTOCOL_OUT_OF_TURN);
    }

    #[test]
    fn calls_are_counted_and_answered_in_turn() {
        let mut session = Session::new();
        start(&mut session);
        for expected in 0..3 {
            let frame = session.call("console", "read_line", Map::new());
            assert!(matches!(frame, GuestFrame::Call { seq, .. } if seq == expected));
            assert_eq!(
                session.on_frame(reply(expected)).unwrap(),
                Action::Replied(Answer::Ok(json!(expected)))
            );
        }
        start(&mut session);
        assert!(matches!(session.call("kv", "get", Map::new()), GuestFrame::Call { seq: 0, .. }));
    }

    #[test]
    fn every_frame_has_its_turn() {
        let mut session = Session::new();
        refused(&mut session, reply(0));
        session.call("kv", "get", Map::new());
        refused(&mut session, reply(1));
        refused(&mut session, summarize());
        session.artifact("a", None);
        refused(&mut session, reply(0));
    }

    #[test]
    fn a_call_that_was_not_sent_does_not_count() {
        let mut session = Session::new();
        session.call("kv", "put", Map::new());
        session.withdraw();
        assert!(matches!(session.call("kv", "get", Map::new()), GuestFrame::Call { seq: 0, .. }));
    }
}
