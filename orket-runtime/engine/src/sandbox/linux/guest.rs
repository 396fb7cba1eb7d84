//! A running guest, seen from the host: its socket, its output, its end.
//!
//! Dropping a [`Guest`] kills and reaps it. Until it is reaped its process id cannot be given to another process, so killing
//! by id is safe exactly as long as `ended` is empty.

use super::super::{Cause, Ending, Error, Exit, LayerStatus};
use super::{Socket, handover, kernel};
use rustix::process::{Pid, PidfdFlags, Signal};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStderr, ChildStdout, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A year, which a clock can add.
const WAIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A running guest.
#[derive(Debug)]
pub struct Guest {
    pid: Pid,
    pidfd: OwnedFd,
    socket: Socket,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    report: Vec<LayerStatus>,
    cpu_ms_max: u64,
    killed: Arc<AtomicBool>,
    ended: Option<Exit>,
}

impl Guest {
    pub(super) fn new(mut command: Command, socket: Socket, cpu_ms_max: u64) -> Result<Self, Error> {
        let mut child = command.spawn().map_err(|e| Error::failed("the launcher cannot be started", e))?;
        let pid = Pid::from_child(&child);
        let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty()).map_err(|e| {
            // Without a handle it could not be supervised; both can fail only if it is gone already.
            let _ = child.kill();
            let _ = child.wait();
            Error::failed("no handle for the launcher's process (pidfd_open)", e)
        })?;
        Ok(Guest {
            pid,
            pidfd,
            socket,
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            report: Vec::new(),
            cpu_ms_max,
            killed: Arc::default(),
            ended: None,
        })
    }

    pub(super) fn set_report(&mut self, report: Vec<LayerStatus>) {
        self.report = report;
    }

    /// The host's end of the conversation.
    pub fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    /// What the guest prints, once. A guest whose output nobody reads stops when the pipe is full.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.stdout.take()
    }

    /// What the guest prints to stderr, once. A guest whose output nobody reads stops when the pipe is full.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.stderr.take()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.pid.as_raw_pid().unsigned_abs()
    }

    /// Every layer, and whether it is in force for this guest.
    pub fn report(&self) -> &[LayerStatus] {
        &self.report
    }

    /// A handle that kills this guest from another thread, and never another process.
    ///
    /// # Errors
    /// `sandbox.failed` if the host has no descriptor left.
    pub fn killer(&self) -> Result<Killer, Error> {
        let pidfd = self.pidfd.try_clone();
        let pidfd = pidfd.map_err(|e| Error::failed("no second handle for the guest", e))?;
        Ok(Killer { pidfd, killed: Arc::clone(&self.killed) })
    }

    /// Kills the guest and everything in its process group, which it cannot leave. Does nothing after its end.
    ///
    /// # Errors
    /// `sandbox.failed` if the kernel refuses.
    pub fn kill(&mut self) -> Result<(), Error> {
        if self.ended.is_some() {
            return Ok(());
        }
        self.killed.store(true, Ordering::Relaxed);
        // The group is the same process until guests may start others; the handle below is what counts.
        let _ = rustix::process::kill_process_group(self.pid, Signal::KILL);
        kill(&self.pidfd)
    }

    /// Waits for the guest's end and removes it from the process table.
    ///
    /// # Errors
    /// `sandbox.failed` if somebody else reaped it.
    pub fn wait(&mut self) -> Result<Exit, Error> {
        if let Some(exit) = self.ended {
            return Ok(exit);
        }
        let reaped =
            kernel::reap(self.pid).map_err(|e| Error::failed("the guest's end cannot be learned", e))?;
        let exit = self.exit(&reaped);
        self.ended = Some(exit);
        Ok(exit)
    }

    /// Waits for the guest's end, at most for `duration`; `None` if it still runs.
    ///
    /// # Errors
    /// As [`Guest::wait`].
    pub fn wait_for(&mut self, duration: Duration) -> Result<Option<Exit>, Error> {
        if self.ended.is_none() {
            let deadline = Instant::now() + duration.min(WAIT_MAX);
            match handover::await_readable(self.pidfd.as_fd(), deadline) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::TimedOut => return Ok(None),
                Err(error) => return Err(Error::failed("the guest cannot be watched", error)),
            }
        }
        self.wait().map(Some)
    }

    fn exit(&self, reaped: &kernel::Reaped) -> Exit {
        let status = std::process::ExitStatus::from_raw(reaped.status);
        let ending = match (status.code(), status.signal()) {
            (Some(code), _) => Ending::Code(code),
            (None, signal) => Ending::Signal(signal.unwrap_or_default()),
        };
        Exit {
            ending,
            cause: self.cause(ending, reaped.cpu_ms),
            cpu_ms: reaped.cpu_ms,
            resident_bytes_max: reaped.resident_bytes_max,
        }
    }

    fn cause(&self, ending: Ending, cpu_ms: u64) -> Option<Cause> {
        let Ending::Signal(signal) = ending else {
            return None;
        };
        match signal {
            libc::SIGXCPU => Some(Cause::CpuLimit),
            libc::SIGXFSZ => Some(Cause::FileSizeLimit),
            libc::SIGSYS => Some(Cause::SystemCall),
            libc::SIGKILL if self.killed.load(Ordering::Relaxed) => Some(Cause::Killed),
            // A guest that ignores SIGXCPU is killed by the kernel one second later.
            libc::SIGKILL if cpu_ms >= self.cpu_ms_max => Some(Cause::CpuLimit),
            _ => None,
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; PDEATHSIG remains.
        let _ = self.kill().and_then(|()| self.wait());
    }
}

/// Kills a guest from another thread, and never another process.
#[derive(Debug)]
pub struct Killer {
    pidfd: OwnedFd,
    killed: Arc<AtomicBool>,
}

impl Killer {
    /// Kills the guest; does nothing after its end.
    ///
    /// # Errors
    /// `sandbox.failed` if the kernel refuses.
    pub fn kill(&self) -> Result<(), Error> {
        self.killed.store(true, Ordering::Relaxed);
        kill(&self.pidfd)
    }
}

fn kill(pidfd: &OwnedFd) -> Result<(), Error> {
    match rustix::process::pidfd_send_signal(pidfd, Signal::KILL) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(Error::failed("the guest cannot be killed", error)),
    }
}
