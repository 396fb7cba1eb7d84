//! One guest and the talk with it: the only place where a guest's bytes become actions.

use super::interrupt::Guard;
use super::load::Load;
use super::told::{failed, failed_for};
use super::{Allowance, Boxes, Interrupt};
use crate::ambient::Ambient;
use crate::clock::Budget;
use crate::error::{Error, Phase};
use crate::loader::Resolved;
use crate::sandbox::{self, Cause, Confinement, Ending, Exit, Guest, LayerStatus, Limits, Program, Socket};
use crate::session::{Action, Session};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_contract::protocol::{self, Failure, FrameFault, GuestFrame, HostFrame};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// How long a guest may leave a message of the host unread.
const WRITE_WAIT: Duration = Duration::from_secs(10);
/// How long a call waits before the time that is left is looked at again: while more than that is left,
/// the kernel need not be told.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// How long a guest may take to end by itself once the conversation is over.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// What guests are started with.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) interrupt: Interrupt,
}

/// What a guest may touch, what it may use up, and where it begins.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub(crate) confinement: &'a Confinement,
    pub(crate) allowance: &'a Rc<Allowance>,
    /// Of a series of runs.
    pub(crate) boxes: Option<&'a Boxes>,
}

/// A running guest that has greeted.
pub(crate) struct Conversation {
    guest: Guest,
    wire: BufReader<Timed>,
    writer: Timed,
    session: Session,
    limits: Limits,
    allowance: Rc<Allowance>,
    phase: Phase,
    held: BTreeSet<String>,
    observed: Ambient,
    _load: Load,
    _guard: Guard,
}

/// A socket that is read or written within a budget of time: whole messages, because a guest that
/// reads or writes byte by byte would hold the host for as long as it likes.
struct Timed {
    socket: Socket,
    budget: Budget,
    /// How long the kernel lets a call wait, as it was told last.
    wait: Option<Duration>,
    /// At most so much is written at once.
    chunk_bytes: Option<usize>,
}

impl Timed {
    fn new(socket: Socket, budget: Budget) -> Self {
        Self { socket, budget, wait: None, chunk_bytes: None }
    }

    /// How long the next call may wait, if that is not what the kernel knows already.
    fn wait(&mut self) -> io::Result<Option<Duration>> {
        let left = self.budget.left().ok_or(io::ErrorKind::TimedOut)?;
        let wait = Some(left.min(WAIT_MAX));
        if self.wait == wait {
            return Ok(None);
        }
        self.wait = wait;
        Ok(wait)
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(wait) = self.wait()? {
                self.socket.set_read_timeout(Some(wait))?;
            }
            match self.socket.read(buffer) {
                Err(error) if is_timeout(&error) => {}
                read => return read,
            }
        }
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            if let Some(wait) = self.wait()? {
                self.socket.set_write_timeout(Some(wait))?;
            }
            let most = self.chunk_bytes.map_or(bytes.len(), |most| bytes.len().min(most));
            match self.socket.write(&bytes[..most]) {
                Err(error) if is_timeout(&error) => {}
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// What is left of a guest after its end.
pub(crate) struct Remains {
    /// The captured streams.
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// The layers that were enforced.
    pub(crate) layers: Vec<LayerStatus>,
    /// What it asked of its surroundings.
    pub(crate) observed: Ambient,
}

impl Conversation {
    /// Starts a guest and hears its greeting.
    pub(crate) fn open(
        host: &Host,
        Cell { confinement, allowance, boxes }: Cell<'_>,
        program: File,
        session: Session,
    ) -> Result<Self, Error> {
        let mut cell = Confinement { captured: true, ..confinement.clone() };
        let load = Load::begin(cell.around.load);
        let spent = || Error::refused(Phase::Spawn, allowance.over(&allowance.spent()));
        cell.limits.cpu_ms = allowance.cpu_ms().ok_or_else(spent)?;
        if cell.ambient().is_none() {
            sandbox::prove(&cell.weakenings)?;
        }
        let mut guest = match boxes {
            Some(boxes) => boxes.spawn(&cell, program)?,
            None => sandbox::spawn(&cell, &Program::new(program))?,
        };
        let guard = host.interrupt.guest(guest.killer()?);
        let clone = |socket: &Socket| {
            socket.try_clone().map_err(|source| Error::Store {
                doing: "use",
                path: "the socket".into(),
                source,
            })
        };
        let (socket, writer) = (clone(guest.socket())?, clone(guest.socket())?);
        let wire = Timed::new(socket, allowance.wall());
        let mut conversation = Self {
            guest,
            wire: BufReader::with_capacity(64 << 10, wire),
            writer: Timed {
                chunk_bytes: cell.around.chunk_bytes,
                ..Timed::new(writer, Budget::of(WRITE_WAIT))
            },
            session,
            limits: cell.limits,
            allowance: Rc::clone(allowance),
            phase: Phase::Spawn,
            held: BTreeSet::new(),
            observed: Ambient::default(),
            _load: load,
            _guard: guard,
        };
        match conversation.next()? {
            (Action::Greeted, _) => Ok(conversation),
            (action, _) => Err(conversation.unexpected(&action)),
        }
    }

    /// Starts a guest, gives it what it may call, and hears that it holds no more than that.
    pub(crate) fn granted(
        host: &Host,
        cell: Cell<'_>,
        (program, ambient): (File, protocol::Ambient),
        session: Session,
    ) -> Result<Self, Error> {
        let mut conversation = Self::open(host, cell, program, session)?;
        let capabilities = conversation.session.grants().admitted.iter().cloned().collect();
        let grant = HostFrame::Grant { capabilities, ambient: Some(ambient) };
        conversation.send(Phase::Spawn, &grant, &[])?;
        loop {
            match conversation.next()?.0 {
                Action::Holding(held) => {
                    conversation.held = held;
                    return Ok(conversation);
                }
                Action::Failed(failure) => return Err(failed(Phase::Spawn, failure)),
                // Nobody watches yet.
                Action::Log { .. } => {}
                action => return Err(conversation.unexpected(&action)),
            }
        }
    }

    /// What the guest holds.
    pub(crate) fn held(&self) -> &BTreeSet<String> {
        &self.held
    }

    /// The budget of time, to pause while a person is waited for.
    pub(crate) fn budget(&mut self) -> &mut Budget {
        &mut self.wire.get_mut().budget
    }

    /// Sends a frame; `phase` is where errors of what follows belong.
    pub(crate) fn send(&mut self, phase: Phase, frame: &HostFrame, blob: &[u8]) -> Result<(), Error> {
        self.phase = phase;
        self.session.on_send(frame);
        self.writer.budget = Budget::of(WRITE_WAIT);
        match protocol::write(&mut self.writer, frame, blob) {
            Err(fault @ FrameFault::TooLarge { .. }) => {
                Err(self.refused(Issue::error(fault.code(), format!("a message to the extension: {fault}"))))
            }
            Err(FrameFault::Io(error)) if is_timeout(&error) => {
                let message = format!("the extension left a message unread for {} s", WRITE_WAIT.as_secs());
                Err(self.refused(Issue::error(code::LIMIT_WALL, message)))
            }
            Err(_) => Err(self.ended()),
            Ok(()) => Ok(()),
        }
    }

    /// The virtual time that the guest has named last.
    pub(crate) fn time_ns(&self) -> u64 {
        self.session.time_ns()
    }

    /// A failure that the guest reported.
    pub(crate) fn failed(&self, phase: Phase, failure: Failure, extension: &Resolved) -> Error {
        failed_for(phase, failure, &self.observed, extension)
    }

    /// Waits for the next frame. What the guest has observed is kept until its end.
    pub(crate) fn next(&mut self) -> Result<(Action, Vec<u8>), Error> {
        // What was refused before an earlier answer was borne.
        self.observed.refused = None;
        loop {
            match self.next_frame()? {
                (Action::Observed { observations, traced, refused }, _) => {
                    self.observed.add(observations, traced);
                    self.observed.refused = refused;
                }
                other => return Ok(other),
            }
        }
    }

    fn next_frame(&mut self) -> Result<(Action, Vec<u8>), Error> {
        let (json, blob) = match protocol::read_bytes(&mut self.wire) {
            Ok(Some(frame)) => frame,
            Ok(None) | Err(FrameFault::Truncated) => return Err(self.ended()),
            Err(FrameFault::Io(error)) => return Err(self.broken(&error)),
            Err(fault) => return Err(self.refused(Issue::error(fault.code(), fault.to_string()))),
        };
        self.allowance.message().map_err(|reached| self.refused(self.allowance.over(&reached)))?;
        let action = decode(&json).and_then(|frame| self.session.on_frame(frame));
        action.map(|action| (action, blob)).map_err(|issue| self.refused(issue))
    }

    /// Ends the conversation and the guest.
    pub(crate) fn close(mut self) -> Result<Remains, Error> {
        let _ = self.writer.socket.shutdown(std::net::Shutdown::Both);
        let exit = match self.guest.wait_for(CLOSE_WAIT)? {
            Some(exit) => exit,
            None => self.guest.end()?,
        };
        self.allowance.used(&self.wire.get_ref().budget, exit.cpu_ms);
        if let Some(Cause::Limit(reached)) = exit.cause {
            return Err(Error::refused(self.phase, self.allowance.over(&self.allowance.whole(reached))));
        }
        let layers = self.guest.report().to_vec();
        let (stdout, stderr) = self.guest.take_output();
        Ok(Remains { stdout, stderr, layers, observed: self.observed })
    }

    /// A refusal for an action that the state machine allows and the caller did not ask for.
    pub(crate) fn unexpected(&mut self, action: &Action) -> Error {
        let message = format!("the extension answered something else than it was asked: {action:?}");
        self.refused(Issue::error(code::PROTOCOL_OUT_OF_TURN, message))
    }

    /// Ends the guest: the conversation is over.
    fn refused(&mut self, issue: Issue) -> Error {
        match self.guest.end() {
            Err(error @ sandbox::Error::Unreapable { .. }) => error.into(),
            _ => Error::refused(self.phase, issue),
        }
    }

    fn broken(&mut self, error: &io::Error) -> Error {
        if is_timeout(error) {
            let late = self.wire.get_ref().budget.over();
            return self.refused(self.allowance.over(&self.allowance.late(late)));
        }
        self.ended()
    }

    /// Explains the end of a guest that should still be there.
    fn ended(&mut self) -> Error {
        let exit = match self.guest.wait_for(CLOSE_WAIT) {
            Ok(Some(exit)) => exit,
            Ok(None) => {
                let issue = Issue::error(code::GUEST_EXITED, "the extension closed the conversation");
                return self.refused(issue);
            }
            Err(error) => return error.into(),
        };
        let stderr = String::from_utf8_lossy(&self.guest.take_output().1).into_owned();
        let over = exit
            .reached(&stderr, &self.limits)
            .map(|reached| self.allowance.over(&self.allowance.whole(reached)));
        Error::refused(self.phase, explained(&exit, over, &stderr))
    }
}

/// Why a guest ended before its result.
fn explained(exit: &Exit, over: Option<Issue>, stderr: &str) -> Issue {
    if let Some(over) = over {
        return over;
    }
    let how = match exit.ending {
        Ending::Code(code) => format!("it exited with code {code}"),
        Ending::Signal(signal) => format!("signal {signal} ended it"),
    };
    // Rust's advice about backtraces comes after what it is about.
    let said = |line: &&str| !line.trim().is_empty() && !line.starts_with("note: ");
    let tail = stderr.lines().rev().find(said).unwrap_or_default();
    let issue =
        Issue::error(code::GUEST_EXITED, format!("the extension ended before it gave a result: {how}"));
    if tail.is_empty() { issue } else { issue.with_hint(format!("its last words were: {tail}")) }
}

/// Reads a frame, and tells a value of the wrong shape in a known frame from an unknown frame.
fn decode(json: &[u8]) -> Result<GuestFrame, Issue> {
    if let Ok(frame) = serde_json::from_slice(json) {
        return Ok(frame);
    }
    let frame: Value = serde_json::from_slice(json).map_err(|error| {
        let fault = FrameFault::Syntax(error);
        Issue::error(fault.code(), fault.to_string())
    })?;
    let name = frame.as_object().and_then(|frame| frame.keys().next()).cloned().unwrap_or_default();
    serde_json::from_value(frame).map_err(|error| match name.as_str() {
        "done" | "validated" | "summary" => Issue::error(
            code::RESULT_SHAPE,
            format!("what the extension gave back has the wrong shape: {error}"),
        ),
        "planned" => Issue::error(code::PLAN_INVALID, format!("the plan has the wrong shape: {error}")),
        _ => Issue::error(
            code::PROTOCOL_BAD_FRAME,
            format!("a message of the extension cannot be read: {error}"),
        ),
    })
}

impl Remains {
    /// Writes what the guest printed below `folder`, leaving out empty streams.
    pub(crate) fn keep(&self, folder: &Path) -> Result<(), Error> {
        for (name, bytes) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !bytes.is_empty() {
                crate::store::create_dir(folder)?;
                let path = folder.join(name);
                let mut file = File::options().create(true).append(true).open(&path);
                let written = file.as_mut().map_err(|error| io::Error::new(error.kind(), error.to_string()));
                written.and_then(|file| file.write_all(bytes)).map_err(Error::store("write", &path))?;
            }
        }
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn descriptors_that_come_with_a_message_are_not_taken() {
        use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
        use std::os::fd::AsFd as _;
        let (socket, guest) = std::os::unix::net::UnixStream::pair().expect("a pair");
        let (mut witness, sent) = std::os::unix::net::UnixStream::pair().expect("a pair");
        witness.set_nonblocking(true).expect("set");
        let mut wire = Timed::new(socket, Budget::of(Duration::from_secs(60)));
        let mut message = Vec::new();
        protocol::write(&mut message, &json!({ "log": {} }), b"").expect("a frame");
        for _ in 0..20 {
            let many = [sent.as_fd(); 100];
            let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(100))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            assert!(control.push(SendAncillaryMessage::ScmRights(&many)));
            let parts = [io::IoSlice::new(&message)];
            sendmsg(&guest, &parts, &mut control, SendFlags::empty()).expect("sent");
        }
        drop(sent);
        let held = witness.read(&mut [0]).expect_err("they are on their way");
        assert_eq!(held.kind(), io::ErrorKind::WouldBlock);
        for _ in 0..20 {
            let read = protocol::read::<Value>(&mut wire).expect("a frame").expect("not the end");
            assert_eq!(read.0, json!({ "log": {} }));
        }
        assert_eq!(witness.read(&mut [0]).expect("every one is closed"), 0);
    }

    #[test]
    fn a_message_that_is_read_too_slowly_is_given_up() {
        let (socket, _unread) = std::os::unix::net::UnixStream::pair().expect("a pair");
        let mut outgoing = Timed::new(socket, Budget::of(Duration::from_millis(20)));
        let error = outgoing.write_all(&vec![0; 8 << 20]).expect_err("nobody reads");
        assert!(is_timeout(&error), "{error}");
        let error = outgoing.write(b"x").expect_err("the time is used up, not begun anew");
        assert!(is_timeout(&error), "{error}");
    }
}
