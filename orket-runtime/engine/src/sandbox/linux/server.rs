//! A box that stays: its launcher forks a guest for each run, inside of it.

use super::super::{Confinement, Error, Layer, LayerStatus};
use super::course::Choice;
use super::guest::{Guest, REAP_WAIT, Streams};
use super::process::{Process, Tells};
use super::report;
use super::script::About;
use super::serve::BROUGHT;
use super::start::{self, Ends, Program};
use super::{identity, spawner};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, sendmsg,
    socketpair,
};
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

/// A box in which one program runs again and again, one run after the other, each in a new process.
///
/// Namespaces, tree, rules and the end of all privileges are made once; of a run's own are its process, memory, descriptors, limits
/// and filter. The trees that it may change are the caller's to clean. A run that is killed, for a limit say, takes
/// the box with it.
#[derive(Debug)]
pub struct Server {
    confinement: Confinement,
    identity: identity::Identity,
    missing: Vec<LayerStatus>,
    notes: Vec<LayerStatus>,
    about: Vec<About>,
    process: Arc<Process>,
    requests: OwnedFd,
}

impl Server {
    /// Builds the box. Nothing of the program runs yet.
    ///
    /// # Errors
    /// As [`spawn`](super::spawn); `sandbox.unavailable` where there is no process namespace.
    pub fn start(confinement: &Confinement, program: &Program) -> Result<Self, Error> {
        start::with_strongest(confinement, true, |choice| build(choice, program))
    }

    /// Starts a run in it, which may use so much processor time. Returns when the program runs.
    ///
    /// # Errors
    /// `sandbox.failed` while another guest of it is there, and where the box is gone.
    pub fn spawn(&mut self, cpu_ms: u64) -> Result<Guest, Error> {
        if Arc::get_mut(&mut self.process).is_none() {
            return Err(Error::failed("the box has a guest", io::ErrorKind::ResourceBusy));
        }
        let (streams, [stdout, stderr, socket]) = Streams::new(None)?;
        let (report, guest_report) = report::channel().map_err(start::no("no socket pair"))?;
        let nothing = start::nothing()?;
        let ends = [nothing.as_fd(), stdout.as_fd(), stderr.as_fd(), socket.as_fd(), guest_report.as_fd()];
        request(&self.requests, ends).map_err(start::no("the box is gone"))?;
        drop((stdout, stderr, socket, guest_report));
        let mut confinement = self.confinement.clone();
        confinement.limits.cpu_ms = cpu_ms;
        let guest = Guest::new(Arc::clone(&self.process), streams, &confinement.limits);
        let choice = Choice {
            confinement: &confinement,
            identity: self.identity,
            serves: true,
            missing: self.missing.clone(),
        };
        let mut notes = self.notes.clone();
        let number = start::hear(&report, &choice, &self.about, &mut notes)?;
        guest.begun(number, &choice, &notes)
    }
}

fn build(choice: &Choice<'_>, program: &Program) -> Result<Server, Error> {
    for layer in [Layer::Processes, Layer::Descriptors] {
        if !choice.applies(layer) {
            return Err(Error::unavailable(layer, 0, "a box that stays needs it"));
        }
    }
    let pair = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None);
    let (requests, taken) = pair.map_err(|e| Error::failed("no socket pair", e))?;
    let nothing = start::nothing()?;
    let nothing = nothing.as_fd();
    let ends = Ends { socket: nothing, stdout: nothing, stderr: nothing, status: taken.as_fd() };
    let launched = start::launch(choice, program, &ends, spawner::start)?;
    drop(taken);
    let heard = launched.hear(choice);
    let told = requests.try_clone().map_err(start::no("no second handle for the box"))?;
    let process = Process::new(launched.started, Tells::Again(told), launched.lent);
    let mut server = Server {
        confinement: choice.confinement.clone(),
        identity: choice.identity,
        missing: choice.missing.clone(),
        notes: Vec::new(),
        about: launched.about,
        process: Arc::new(process),
        requests,
    };
    server.notes = match heard? {
        (Some(_), notes) => notes,
        (None, _) => return Err(Error::failed("the box was not built", io::ErrorKind::UnexpectedEof)),
    };
    Ok(server)
}

/// Asks for a run with these ends of its streams.
fn request(socket: &OwnedFd, ends: [BorrowedFd<'_>; BROUGHT.len()]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(5))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&ends)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    sendmsg(socket, &[IoSlice::new(&[1])], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

impl Drop for Server {
    fn drop(&mut self) {
        // A guest that is still there ends with the box. What the kernel does not let go of stays a child of this process.
        let _ = self.process.kill();
        let gone = report::await_readable(self.process.pidfd.as_fd(), Instant::now() + REAP_WAIT);
        // As long as it is not reaped, nobody else has its number: the last guest does that, if there is one.
        if gone.is_ok() && Arc::get_mut(&mut self.process).is_some() {
            let _ = self.process.reap();
        }
    }
}
