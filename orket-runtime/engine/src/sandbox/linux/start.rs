//! The host's side of a start: a socket, a launcher, an order, and the launcher's answer.

use super::super::{Confinement, Error, LayerStatus, Profile};
use super::guest::Guest;
use super::handover::{self, Order, Report};
use super::launcher;
use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long a launcher may take to confine itself; it takes about a millisecond.
const START_MAX: Duration = Duration::from_secs(10);

/// An executable that was checked on this very handle: what was hashed is what runs, whatever happens to its path.
///
/// Opened for reading; the file must not be changed in place between check and start, which only its owner could do.
#[derive(Debug)]
pub struct Program {
    executable: File,
}

impl Program {
    /// Takes the open, checked executable.
    pub fn new(executable: File) -> Self {
        Program { executable }
    }
}

/// The binary that confines itself and becomes the guest: one whose `main` calls [`launcher::enter`] first.
#[derive(Debug, Clone)]
pub struct Launcher {
    path: PathBuf,
}

impl Launcher {
    /// This program itself, also if its file was replaced meanwhile.
    ///
    /// # Errors
    /// `sandbox.failed` if [`launcher::enter`] was never called in this process.
    pub fn current_exe() -> Result<Self, Error> {
        if !launcher::ENTERED.load(Ordering::Relaxed) {
            let step = "this program cannot serve as launcher: call `sandbox::launcher::enter()` first thing in `main`";
            return Err(Error::failed(step, io::ErrorKind::Unsupported));
        }
        Ok(Launcher::at("/proc/self/exe"))
    }

    /// Another binary that calls [`launcher::enter`] first thing.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Launcher { path: path.as_ref().to_path_buf() }
    }
}

/// Starts `program` so that it can touch nothing but what `confinement` names. Returns when the program runs.
///
/// Call it on a thread that outlives the guest: the kernel kills the guest when the thread that started it ends.
///
/// # Errors
/// `sandbox.unavailable` where a required layer is missing, `sandbox.failed` for anything else; then nothing has run.
pub fn spawn(confinement: &Confinement, program: &Program, launcher: &Launcher) -> Result<Guest, Error> {
    confinement.check()?;
    if let Some(profile @ (Profile::Full | Profile::Namespaces)) = confinement.profile {
        let message = format!("profile `{profile}` is not there yet");
        return Err(Error::failed(message, io::ErrorKind::Unsupported));
    }
    let (host_end, guest_end) = UnixStream::pair().map_err(|e| Error::failed("no socket pair", e))?;
    let (answer, report) = io::pipe().map_err(|e| Error::failed("no pipe", e))?;
    let order = Order {
        version: handover::VERSION,
        host: rustix::process::getpid().as_raw_pid(),
        confinement: confinement.clone(),
    };
    let enclosed = [program.executable.as_fd(), report.as_fd()];
    handover::send(&host_end, &order, enclosed).map_err(|e| Error::failed("the order cannot be sent", e))?;
    drop(report);

    let mut guest = Guest::new(command(launcher, guest_end), host_end, &confinement.limits)?;
    let layers = await_start(&mut guest, answer)?;
    guest.supervise(layers, confinement)?;
    Ok(guest)
}

/// Only what std starts through `posix_spawn`: no `pre_exec`, no pidfd, no working directory.
fn command(launcher: &Launcher, guest_end: UnixStream) -> Command {
    let mut command = Command::new(&launcher.path);
    command
        .arg0(launcher::MARK)
        .env_clear()
        .process_group(0)
        .stdin(Stdio::from(OwnedFd::from(guest_end)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A guest dropped on the way out of here is killed.
fn await_start(guest: &mut Guest, answer: PipeReader) -> Result<Vec<LayerStatus>, Error> {
    let reports = handover::reports(answer, Instant::now() + START_MAX)
        .map_err(|e| Error::failed("the launcher does not answer", e))?;
    let mut ready = None;
    for report in reports {
        match report {
            Report::Ready { layers } => ready = Some(layers),
            Report::Unavailable { layer, errno, message } => {
                return Err(Error::unavailable(layer, errno, message));
            }
            Report::Failed { step, errno } => {
                return Err(Error::failed(step, io::Error::from_raw_os_error(errno)));
            }
        }
    }
    ready.ok_or_else(|| silent(guest))
}

/// The launcher ended without a word on the pipe: what it wrote to stderr is all there is.
fn silent(guest: &mut Guest) -> Error {
    let killed = guest.end();
    let mut said = String::new();
    if let (Ok(_), Some(stderr)) = (killed, guest.take_stderr()) {
        // Its only writer is gone, so this ends; what is not text is not shown.
        let _ = stderr.take(4096).read_to_string(&mut said);
    }
    let step = "the launcher ended before the guest began (does its `main` call `sandbox::launcher::enter()` first?)";
    Error::failed(step, io::Error::other(said.trim().to_owned()))
}
