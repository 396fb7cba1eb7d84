//! One attempt in a process of its own: inside of the sandbox, and outside as its control.

use crate::attempt::{Attempt, Outcome, heard};
use crate::bait::Bait;
use crate::profile::confinement;
use orket_engine::sandbox::{self, Ending, Guest, Layer, Profile, Program, Server};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The name under which attempts are made, as the sandbox gives it to every guest.
pub(crate) const NAME: &str = "/extension";
/// Far more than any attempt takes; reached only if something hangs.
const PATIENCE: Duration = Duration::from_secs(20);
/// An answer is one line.
const ANSWER_BYTES_MAX: u64 = 16 << 10;

/// What an attempt is made with.
pub(crate) struct Surroundings<'a> {
    pub(crate) profile: Profile,
    pub(crate) served: bool,
    pub(crate) omitted: &'a [Layer],
    pub(crate) bait: &'a Bait,
    pub(crate) stage: PathBuf,
}

/// Makes it in the sandbox.
pub(crate) fn inside(attempt: &Attempt, at: &Surroundings<'_>) -> Result<Outcome, sandbox::Error> {
    let mut confinement = confinement(at.profile, at.omitted, &at.stage);
    confinement.arguments = vec![attempt.name.to_owned(), told(at.bait)];
    if !at.served {
        return outcome(sandbox::spawn(&confinement, &program())?);
    }
    let mut server = Server::start(&confinement, &program())?;
    outcome(server.spawn(confinement.limits.cpu_ms)?)
}

fn outcome(mut guest: Guest) -> Result<Outcome, sandbox::Error> {
    let Some(exit) = guest.wait_for(PATIENCE)? else {
        return Ok(Outcome::Hung);
    };
    let (code, signal) = match exit.ending {
        Ending::Code(code) => (Some(code), None),
        Ending::Signal(signal) => (None, Some(signal)),
    };
    Ok(heard(&said(guest.take_stdout()), code, signal))
}

/// The same program, opened; it is host and guest.
pub(crate) fn program() -> Program {
    Program::new(File::open("/proc/self/exe").expect("a program can be opened"))
}

/// Makes it without a sandbox, from where a guest starts and with what a guest has.
pub(crate) fn outside(attempt: &Attempt, at: &Surroundings<'_>) -> io::Result<Outcome> {
    let (_host, socket) = UnixStream::pair()?;
    let bait = Bait { socket: 0, ..at.bait.clone() };
    let mut child = Command::new("/proc/self/exe")
        .arg0(NAME)
        .args([attempt.name, &told(&bait)])
        .current_dir(&at.stage)
        .stdin(OwnedFd::from(socket))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let process = pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?;
    let patience = Timespec::try_from(PATIENCE).map_err(io::Error::other)?;
    let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&patience))? == 1;
    if !ended {
        child.kill()?;
    }
    let status = child.wait()?;
    if !ended {
        return Ok(Outcome::Hung);
    }
    Ok(heard(&said(child.stdout.take()), status.code(), status.signal()))
}

fn told(bait: &Bait) -> String {
    serde_json::to_string(bait).expect("bait is JSON")
}

/// Its writers may live on where an attempt has succeeded, so nothing is waited for.
fn said(output: Option<std::process::ChildStdout>) -> String {
    let Some(output) = output else { return String::new() };
    let mut said = Vec::new();
    if rustix::io::ioctl_fionbio(&output, true).is_ok() {
        // An error says that there is no more.
        let _ = output.take(ANSWER_BYTES_MAX).read_to_end(&mut said);
    }
    String::from_utf8_lossy(&said).into_owned()
}
