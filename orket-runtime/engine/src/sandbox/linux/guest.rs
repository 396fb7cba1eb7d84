//! A running guest, seen from the host: its socket, its output, its end.
//!
//! Dropping a [`Guest`] kills and reaps it. Until it is reaped its process id cannot be given to another process, so killing
//! by id is safe exactly as long as `ended` is empty. Its supervisor, which kills by id as well, is over before it is reaped.

use super::super::{Cause, Confinement, Ending, Error, Exit, LayerStatus, Limit, Limits, Profile, Reached};
use super::lent::Lent;
use super::supervisor::{Seen, Supervisor, Watched};
use super::{Socket, kernel, report};
use rustix::process::{Pid, Signal};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStderr, ChildStdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A year, which a clock can add.
const WAIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How long the kernel may take to end what was killed. It takes a millisecond, except where a device or a frozen group holds it.
const REAP_WAIT: Duration = Duration::from_secs(10);

/// A running guest.
#[derive(Debug)]
pub struct Guest {
    process: Process,
    id: Pid,
    socket: Socket,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    report: Vec<LayerStatus>,
    limits: Limits,
    /// Its processor clock alone when it began, and when it was killed: what dies with its namespace is not counted by the kernel.
    clocks: [Duration; 2],
    /// Its processor clock when it began, after its launcher; with the first process of its namespace, where there is one.
    began: Duration,
    supervisor: Option<JoinHandle<Seen>>,
    seen: Seen,
    killed: Arc<AtomicBool>,
    ended: Option<Exit>,
}

/// The host's child: the guest itself, or the first process of its namespace, with which all others there end. It leads the
/// group of both.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: Pid,
    pub(super) pidfd: OwnedFd,
    /// Where the first process says how the guest ended.
    pub(super) status: Option<File>,
    /// What the guest owns until its end.
    pub(super) lent: Lent,
}

impl Guest {
    pub(super) fn new(
        process: Process,
        socket: Socket,
        output: (ChildStdout, ChildStderr),
        limits: &Limits,
    ) -> Self {
        Guest {
            id: process.pid,
            process,
            socket,
            stdout: Some(output.0),
            stderr: Some(output.1),
            report: Vec::new(),
            limits: limits.clone(),
            clocks: [Duration::ZERO; 2],
            began: Duration::ZERO,
            supervisor: None,
            seen: Seen::default(),
            killed: Arc::default(),
            ended: None,
        }
    }

    /// Notes what was enforced for the guest, which is the process `id`, and watches the limits from now on.
    pub(super) fn supervise(
        &mut self,
        id: Pid,
        report: Vec<LayerStatus>,
        confinement: &Confinement,
    ) -> Result<(), Error> {
        (self.id, self.report) = (id, report);
        // They may have ended already.
        let clock = |pid| kernel::cpu_time(pid).unwrap_or_default();
        let began = clock(id);
        self.clocks = [began; 2];
        self.began = if id == self.process.pid { began } else { began + clock(self.process.pid) };
        let pidfd = self.process.pidfd.try_clone();
        let pidfd = pidfd.map_err(|e| Error::failed("no second handle for the guest", e))?;
        let (mut stdout, mut stderr) = (None, None);
        if confinement.captured {
            (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        }
        let watched = Watched { pid: id, group: self.process.pid, pidfd, stdout, stderr };
        let supervisor = Supervisor::new(watched, confinement, began);
        let thread = std::thread::Builder::new().name("orket-supervisor".into());
        let thread = thread.spawn(move || supervisor.run());
        self.supervisor = Some(thread.map_err(|e| Error::failed("no thread for a supervisor", e))?);
        Ok(())
    }

    /// The host's end of the conversation.
    pub fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    /// What the guest prints, once, unless it is captured. A guest whose output nobody reads stops when the pipe is full.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.stdout.take()
    }

    /// What the guest prints to stderr, once. A guest whose output nobody reads stops when the pipe is full.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.stderr.take()
    }

    /// The beginning of what an ended guest printed to stdout and stderr, once, where it was captured.
    pub fn take_output(&mut self) -> (Vec<u8>, Vec<u8>) {
        (std::mem::take(&mut self.seen.stdout), std::mem::take(&mut self.seen.stderr))
    }

    /// The guest's process id, as the host sees it.
    pub fn id(&self) -> u32 {
        self.id.as_raw_pid().unsigned_abs()
    }

    /// Every layer, and whether it is in force for this guest.
    pub fn report(&self) -> &[LayerStatus] {
        &self.report
    }

    /// The profile that these layers amount to; none where one of its layers is missing, which was accepted then.
    pub fn profile(&self) -> Option<Profile> {
        Profile::of(&self.report)
    }

    /// A handle that kills this guest from another thread, and never another process.
    ///
    /// # Errors
    /// `sandbox.failed` if the host has no descriptor left.
    pub fn killer(&self) -> Result<Killer, Error> {
        let pidfd = self.process.pidfd.try_clone();
        let pidfd = pidfd.map_err(|e| Error::failed("no second handle for the guest", e))?;
        Ok(Killer { pidfd, killed: Arc::clone(&self.killed) })
    }

    /// Kills the guest and everything in its process namespace or group, neither of which it can leave. Does nothing after its
    /// end.
    ///
    /// # Errors
    /// `sandbox.failed` if the kernel refuses.
    pub fn kill(&mut self) -> Result<(), Error> {
        if self.ended.is_some() {
            return Ok(());
        }
        self.killed.store(true, Ordering::Relaxed);
        self.clocks[1] = kernel::cpu_time(self.id).unwrap_or(self.clocks[1]);
        // Where there is no namespace, nothing else is in the group either: the handle below is what counts.
        let _ = rustix::process::kill_process_group(self.process.pid, Signal::KILL);
        kill(&self.process.pidfd)
    }

    /// Kills the guest and waits for its end.
    ///
    /// # Errors
    /// As [`Guest::kill`]; `sandbox.unreapable` if the kernel does not end it in ten seconds.
    pub fn end(&mut self) -> Result<Exit, Error> {
        self.end_within(REAP_WAIT)
    }

    /// As [`Guest::end`], with another patience.
    ///
    /// # Errors
    /// As [`Guest::end`].
    pub fn end_within(&mut self, patience: Duration) -> Result<Exit, Error> {
        self.kill()?;
        self.wait_for(patience)?.ok_or(Error::Unreapable { pid: self.id() })
    }

    /// Waits for the guest's end and removes it from the process table.
    ///
    /// # Errors
    /// `sandbox.failed` if somebody else reaped it.
    pub fn wait(&mut self) -> Result<Exit, Error> {
        let exit = self.wait_for(WAIT_MAX)?;
        exit.ok_or_else(|| Error::failed("the guest has not ended in a year", std::io::ErrorKind::TimedOut))
    }

    /// Waits for the guest's end, at most for `duration`; `None` if it still runs.
    ///
    /// # Errors
    /// As [`Guest::wait`].
    pub fn wait_for(&mut self, duration: Duration) -> Result<Option<Exit>, Error> {
        if let Some(exit) = self.ended {
            return Ok(Some(exit));
        }
        let deadline = Instant::now() + duration.min(WAIT_MAX);
        match report::await_readable(self.process.pidfd.as_fd(), deadline) {
            Ok(()) => self.reap().map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => Ok(None),
            Err(error) => Err(Error::failed("the guest cannot be watched", error)),
        }
    }

    /// Removes an ended guest from the process table, and ends what it may have started before.
    fn reap(&mut self) -> Result<Exit, Error> {
        let _ = rustix::process::kill_process_group(self.process.pid, Signal::KILL);
        if let Some(supervisor) = self.supervisor.take() {
            self.seen = supervisor.join().unwrap_or_default();
        }
        let mut reaped = kernel::reap(self.process.pid)
            .map_err(|e| Error::failed("the guest's end cannot be learned", e))?;
        if let Some(status) = self.process.status.take().and_then(told) {
            reaped.status = status;
        }
        self.process.lent.take_back();
        let exit = self.exit(&reaped);
        self.ended = Some(exit);
        Ok(exit)
    }

    fn exit(&self, reaped: &kernel::Reaped) -> Exit {
        let status = std::process::ExitStatus::from_raw(reaped.status);
        let ending = match (status.code(), status.signal()) {
            (Some(code), _) => Ending::Code(code),
            (None, signal) => Ending::Signal(signal.unwrap_or_default()),
        };
        let [began, killed] = self.clocks;
        let seen = killed.saturating_sub(began).max(self.seen.cpu);
        let cpu = reaped.cpu.saturating_sub(self.began).max(seen);
        Exit {
            ending,
            cause: self.cause(ending, ms(cpu)),
            cpu_ms: ms(cpu),
            resident_bytes_max: reaped.resident_bytes_max,
        }
    }

    fn cause(&self, ending: Ending, cpu: u64) -> Option<Cause> {
        let Ending::Signal(signal) = ending else {
            return None;
        };
        let over = |limit, max, value| Some(Cause::Limit(Reached { limit, max, value }));
        let (cpu_max, file_max) = (self.limits.cpu_ms, self.limits.file_bytes_max);
        match signal {
            libc::SIGXFSZ => over(Limit::FileSize, file_max, file_max.saturating_add(1)),
            libc::SIGSYS => Some(Cause::SystemCall),
            libc::SIGXCPU => over(Limit::CpuTime, cpu_max, cpu),
            libc::SIGKILL => match self.seen.reached {
                // By now it may have used more than when that was seen.
                Some(Reached { limit: Limit::CpuTime, value, .. }) => {
                    over(Limit::CpuTime, cpu_max, value.max(cpu))
                }
                Some(reached) => Some(Cause::Limit(reached)),
                None if self.killed.load(Ordering::Relaxed) => Some(Cause::Killed),
                None if cpu >= cpu_max => over(Limit::CpuTime, cpu_max, cpu),
                None => None,
            },
            _ => None,
        }
    }
}

fn ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// What the first process has said of the guest's end. It is gone, so this does not wait.
fn told(mut status: File) -> Option<i32> {
    let mut word = [0; 4];
    status.read_exact(&mut word).ok()?;
    Some(i32::from_ne_bytes(word))
}

impl Drop for Guest {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; PDEATHSIG remains. Who has to know ends it before.
        let _ = self.end();
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
