//! A running guest, seen from the host: its socket, its output, its end.
//!
//! Dropping a [`Guest`] kills and reaps it. Its supervisor, which kills by id, is over before it is reaped.

use super::super::{
    Cause, Confinement, Ending, Error, Exit, Layer, LayerStatus, Limit, Limits, Profile, Reached,
};
use super::course::Choice;
use super::kernel::Reaped;
use super::process::{self, Process};
use super::start::no;
use super::supervisor::{Seen, Supervisor, Watched};
use super::{Socket, jitter, kernel, terminal, watchers};
use rustix::process::Pid;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStderr, ChildStdout};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A year, which a clock can add.
const WAIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How long the kernel may take to end what was killed. It takes a millisecond, except where a device or a frozen group holds it.
pub(super) const REAP_WAIT: Duration = Duration::from_secs(10);

/// A running guest.
#[derive(Debug)]
pub struct Guest {
    process: Arc<Process>,
    id: Pid,
    streams: Streams,
    report: Vec<LayerStatus>,
    limits: Limits,
    /// Its processor clock alone when it began, and when it was killed: what dies with its namespace is not counted by the kernel.
    clocks: [Duration; 2],
    /// Its processor clock when it began, after its launcher; with the first process of its namespace, where there is one.
    began: Duration,
    supervisor: Option<Receiver<Seen>>,
    jitter: Option<JoinHandle<()>>,
    seen: Seen,
    life: Arc<Mutex<Life>>,
    ended: Option<Exit>,
}

/// What a guest and those who may kill it agree on.
#[derive(Debug, Default)]
struct Life {
    killed: bool,
    /// From here on its process may be another guest's.
    is_over: bool,
}

/// The host's ends of a guest's streams.
#[derive(Debug)]
pub(super) struct Streams {
    socket: Socket,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
}

impl Streams {
    /// New ones, and the guest's ends: stdout, stderr, socket. With a number of columns, terminals take what is printed.
    pub(super) fn new(columns: Option<u16>) -> Result<(Self, [OwnedFd; 3]), Error> {
        let (socket, guest_socket) = Socket::pair().map_err(no("no socket pair"))?;
        let (stdout, guest_stdout) = terminal::output(columns).map_err(no("no pipe or terminal"))?;
        let (stderr, guest_stderr) = terminal::output(columns).map_err(no("no pipe or terminal"))?;
        let (stdout, stderr) = (Some(stdout.into()), Some(stderr.into()));
        Ok((Streams { socket, stdout, stderr }, [guest_stdout, guest_stderr, guest_socket.into()]))
    }
}

impl Guest {
    pub(super) fn new(process: Arc<Process>, streams: Streams, limits: &Limits) -> Self {
        Guest {
            id: process.pid,
            process,
            streams,
            report: Vec::new(),
            limits: limits.clone(),
            clocks: [Duration::ZERO; 2],
            began: Duration::ZERO,
            supervisor: None,
            jitter: None,
            seen: Seen::default(),
            life: Arc::default(),
            ended: None,
        }
    }

    /// The guest once its launcher has said all: which process it is, and what was missing.
    pub(super) fn begun(
        mut self,
        number: Option<Pid>,
        choice: &Choice<'_>,
        notes: &[LayerStatus],
    ) -> Result<Self, Error> {
        if let Some(number) = number
            && choice.has_parent()
            && !choice.applies(Layer::Processes)
        {
            self.process.leads(number);
        }
        match number {
            Some(number) => self.supervise(number, choice.statuses(notes), choice.confinement)?,
            None => return Err(self.silent()),
        }
        Ok(self)
    }

    /// The launcher ended without a word: what it wrote to stderr is all there is.
    fn silent(&mut self) -> Error {
        let killed = self.end();
        let mut said = String::new();
        if let (Ok(_), Some(stderr)) = (&killed, self.take_stderr()) {
            // Its only writer is gone, so this ends; what is not text is not shown.
            let _ = stderr.take(4096).read_to_string(&mut said);
        }
        let ended = killed.map(|exit| format!("{:?}", exit.ending)).unwrap_or_default();
        let source = io::Error::other(format!("{ended} {}", said.trim()));
        Error::failed("the launcher ended before the guest began", source)
    }

    /// Notes what was enforced for the guest, which is the process `id`, and watches the limits from now on.
    fn supervise(
        &mut self,
        id: Pid,
        report: Vec<LayerStatus>,
        confinement: &Confinement,
    ) -> Result<(), Error> {
        (self.id, self.report) = (id, report);
        // They may have ended already.
        let clock = |pid| kernel::cpu_time(pid).unwrap_or_default();
        let (alone, parent) = (clock(id), self.process.pid);
        let began = if self.process.is(id) { alone } else { alone + clock(parent) };
        self.clocks = [began; 2];
        // What ends with the guest is in one account with it.
        self.began = if self.process.goes_on() { alone } else { began };
        if let Some(seed) = confinement.around.jitter {
            self.jitter = jitter::begin(Arc::clone(&self.process), seed);
        }
        let (mut stdout, mut stderr) = (None, None);
        if confinement.captured {
            (stdout, stderr) = (self.streams.stdout.take(), self.streams.stderr.take());
        }
        let watched = Watched { pid: id, process: Arc::clone(&self.process), stdout, stderr };
        let supervisor = Supervisor::new(watched, confinement, began);
        self.supervisor = Some(watchers::watch(supervisor).map_err(no("no thread for a supervisor"))?);
        Ok(())
    }

    /// The host's end of the conversation.
    pub fn socket(&mut self) -> &mut Socket {
        &mut self.streams.socket
    }

    /// What the guest prints, once, unless it is captured. A guest whose output nobody reads stops when the pipe is full.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.streams.stdout.take()
    }

    /// What the guest prints to stderr, once. A guest whose output nobody reads stops when the pipe is full.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.streams.stderr.take()
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
        let pidfd = self.process.handle().try_clone().map_err(no("no second handle for the guest"))?;
        Ok(Killer { pidfd, life: Arc::clone(&self.life) })
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
        lock(&self.life).killed = true;
        self.clocks[1] = self.process.cpu_time(self.id).unwrap_or(self.clocks[1]);
        self.process.kill().map_err(cannot_kill)
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
        let mut exit = self.wait_for(patience)?;
        if exit.is_none() && self.process.kill_idle_parent() {
            exit = self.wait_for(REAP_WAIT)?;
        }
        exit.ok_or(Error::Unreapable { pid: self.id() })
    }

    /// Waits for the guest's end and removes it from the process table.
    ///
    /// # Errors
    /// `sandbox.failed` if somebody else reaped it.
    pub fn wait(&mut self) -> Result<Exit, Error> {
        let exit = self.wait_for(WAIT_MAX)?;
        exit.ok_or_else(|| Error::failed("the guest has not ended in a year", io::ErrorKind::TimedOut))
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
        match self.process.await_end(deadline) {
            Ok(()) => self.reap().map(Some),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(None),
            Err(error) => Err(Error::failed("the guest cannot be watched", error)),
        }
    }

    /// Learns how the guest ended, and removes what ended with it.
    fn reap(&mut self) -> Result<Exit, Error> {
        lock(&self.life).is_over = true;
        if !self.process.goes_on() {
            // What it may have started before keeps the supervisor waiting.
            let _ = self.process.kill();
        }
        if let Some(supervisor) = self.supervisor.take() {
            self.seen = supervisor.recv().unwrap_or_default();
        }
        if let Some(jitter) = self.jitter.take() {
            let _ = jitter.join();
        }
        let reaped = self.process.reap_guest()?;
        if let Some(process) = Arc::get_mut(&mut self.process) {
            process.take_back();
        }
        let exit = self.exit(&reaped);
        self.ended = Some(exit);
        Ok(exit)
    }

    fn exit(&self, reaped: &Reaped) -> Exit {
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
                None if lock(&self.life).killed => Some(Cause::Killed),
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
    life: Arc<Mutex<Life>>,
}

impl Killer {
    /// Kills the guest; does nothing once its end was learned.
    ///
    /// # Errors
    /// `sandbox.failed` if the kernel refuses.
    pub fn kill(&self) -> Result<(), Error> {
        let mut life = lock(&self.life);
        if life.is_over {
            return Ok(());
        }
        life.killed = true;
        process::kill(&self.pidfd).map_err(cannot_kill)
    }
}

fn lock(life: &Mutex<Life>) -> MutexGuard<'_, Life> {
    life.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cannot_kill(error: rustix::io::Errno) -> Error {
    Error::failed("the guest cannot be killed", error)
}
