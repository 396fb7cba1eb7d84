//! The session over a stream: every call is a frame out and a frame in.

use std::cell::RefCell;
use std::io::{BufReader, Read, Write};
use std::rc::Rc;

use orket_contract::protocol::{self, Answer as Sent, Failure, FrameFault, GuestFrame, HostFrame, Level};
use serde_json::{Map, Value};

use super::panic::broken_stream;
use super::session::{Action, Session, Task};
use crate::ambient;
use crate::capabilities::{Answer, Capability, CapabilityId, CapabilityProvider};
use crate::link::Link;
use crate::result::{ArtifactRef, Error, Result};

/// A stream to the host.
trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

/// The guest's end of the conversation.
pub(super) struct Wire {
    stream: BufReader<Box<dyn Duplex>>,
    session: Session,
}

impl Wire {
    pub(super) fn over(stream: impl Read + Write + 'static) -> Self {
        Self { stream: BufReader::new(Box::new(stream)), session: Session::new() }
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// `protocol.too-large`; nothing was sent then. Any other fault leaves through [`broken_stream`].
    pub(super) fn send(&mut self, frame: &GuestFrame, attachment: &[u8]) -> Result<()> {
        match protocol::write(self.stream.get_mut(), frame, attachment) {
            Ok(()) => Ok(()),
            Err(fault @ FrameFault::TooLarge { .. }) => Err(Error::new(fault.code(), fault.to_string())),
            Err(_) => broken_stream(),
        }
    }

    /// Waits for the next task; `None` when the host has closed the stream.
    ///
    /// # Errors
    /// `protocol.bad-frame`, `protocol.too-large` or `protocol.out-of-turn`.
    pub(super) fn task(&mut self) -> Result<Option<Task>> {
        match self.receive()? {
            None => Ok(None),
            Some((Action::Perform(task), _)) => Ok(Some(task)),
            // Not while the session waits for a task.
            Some((Action::Replied(_) | Action::Stored(_), _)) => broken_stream(),
        }
    }

    fn receive(&mut self) -> Result<Option<(Action, Vec<u8>)>> {
        match protocol::read::<HostFrame>(&mut self.stream) {
            Ok(None) => Ok(None),
            Ok(Some((frame, attachment))) => {
                if let HostFrame::Reply { at, .. } = frame {
                    ambient::arrive(at);
                }
                Ok(Some((self.session.on_frame(frame)?, attachment)))
            }
            Err(fault) => Err(Error::new(fault.code(), fault.to_string())),
        }
    }

    /// Sends a frame that the host answers, and waits for the answer.
    fn exchange(&mut self, frame: &GuestFrame, attachment: &[u8]) -> Result<(Action, Vec<u8>)> {
        self.send(frame, attachment).inspect_err(|_| self.session.withdraw())?;
        match self.receive() {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) | Err(_) => broken_stream(),
        }
    }

    fn call(&mut self, capability: &str, op: &str, args: Map<String, Value>, blob: &[u8]) -> Result<Answer> {
        let frame = self.session.call(capability, op, args);
        match self.exchange(&frame, blob)? {
            (Action::Replied(Sent::Ok(value)), attachment) => Ok(Answer { value, attachment }),
            (Action::Replied(Sent::Error(failure)), _) => Err(told(failure)),
            _ => broken_stream(),
        }
    }
}

fn told(failure: Failure) -> Error {
    Error::told(failure, None)
}

impl Link for Wire {
    fn artifact(&mut self, path: &str, kind: Option<&str>) -> Result<ArtifactRef> {
        let frame = self.session.artifact(path, kind);
        match self.exchange(&frame, &[])? {
            (Action::Stored(Sent::Ok(reference)), _) => Ok(reference),
            (Action::Stored(Sent::Error(failure)), _) => Err(told(failure)),
            _ => broken_stream(),
        }
    }

    fn trace(&mut self, event: &str, payload: Value) -> Result<()> {
        let at = ambient::time();
        self.send(&GuestFrame::Trace { event: event.to_owned(), payload, at }, &[])
    }

    fn log(&mut self, level: Level, message: &str) {
        let frame = GuestFrame::Log { level, message: message.to_owned() };
        // A line that is too large for a frame is for nobody to read.
        let _ = self.send(&frame, &[]);
    }
}

/// Offers what the host has admitted; every call goes over the wire.
pub(super) struct HostProvider {
    wire: Rc<RefCell<Wire>>,
    admitted: Vec<CapabilityId>,
}

impl HostProvider {
    pub(super) fn new(wire: Rc<RefCell<Wire>>, admitted: &[CapabilityId]) -> Self {
        Self { wire, admitted: admitted.iter().filter_map(CapabilityId::current).collect() }
    }
}

impl CapabilityProvider for HostProvider {
    fn provides(&self) -> Vec<CapabilityId> {
        self.admitted.clone()
    }

    fn get(&self, id: &CapabilityId) -> Option<Rc<dyn Capability>> {
        let remote = Remote { wire: self.wire.clone(), id: id.clone() };
        self.admitted.contains(id).then(|| Rc::new(remote) as Rc<dyn Capability>)
    }
}

/// A capability that the host carries out.
struct Remote {
    wire: Rc<RefCell<Wire>>,
    id: CapabilityId,
}

impl Capability for Remote {
    fn call(&self, op: &str, args: Map<String, Value>, attachment: &[u8]) -> Result<Answer> {
        self.wire.borrow_mut().call(self.id.as_str(), op, args, attachment)
    }
}
