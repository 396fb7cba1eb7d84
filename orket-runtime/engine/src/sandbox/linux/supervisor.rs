//! The thread that watches one guest: its processor clock, what it writes and what it prints.
//!
//! Invariants: it never outlives the guest's process by more than [`GRACE`]; the process is not removed from the process table
//! before it has ended (see [`Guest::wait`](super::Guest::wait)), so the ids that it uses are the guest's. It sleeps until the
//! guest could have come to a limit, by its processor clock, and looks every millisecond only then.

use super::super::{Confinement, Limit, Limits, Reached};
use super::process::Process;
use super::room::Room;
use super::throttle::{Step, Throttle};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{ChildStderr, ChildStdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How close a look comes to a limit.
const TICK: Duration = Duration::from_millis(1);
/// How often the threads of a guest are counted that works and may start some.
const THREADS_TICK: Duration = Duration::from_millis(10);
/// How often a guest that does nothing is looked at, at the least.
const IDLE_MAX: Duration = Duration::from_millis(50);
/// A guest that does nothing is looked at so often that it can go over its budget by this part.
const IDLE_SHARE: u32 = 50;
/// How long the pipes may still be read after the guest's end.
const GRACE: Duration = Duration::from_secs(1);
/// How much is kept of each stream, in bytes (1 MiB).
const KEPT_BYTES_MAX: usize = 1 << 20;

/// The guest that is watched.
pub(super) struct Watched {
    pub(super) pid: Pid,
    pub(super) process: Arc<Process>,
    pub(super) stdout: Option<ChildStdout>,
    pub(super) stderr: Option<ChildStderr>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The limit that the guest was ended for.
    pub(super) reached: Option<Reached>,
    /// Its processor time at the last look.
    pub(super) cpu: Duration,
    /// The beginning of what it printed.
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

pub(super) struct Supervisor {
    pid: Pid,
    process: Arc<Process>,
    limits: Limits,
    /// Whether it may have threads, and on how many processors at once.
    has_threads: bool,
    cores: u32,
    streams: [Stream; 2],
    room: Option<Room>,
    throttle: Option<Throttle>,
    /// The guest's processor clock when it began, which its launcher has moved.
    began: Duration,
    cpu: Duration,
    looked: Instant,
    idle: Duration,
    reached: Option<Reached>,
}

impl Supervisor {
    /// Watches a guest whose processor clock stands at `began`.
    pub(super) fn new(watched: Watched, confinement: &Confinement, began: Duration) -> Self {
        let limits = confinement.limits.clone();
        let cores = if confinement.threads { cores() } else { 1 };
        Supervisor {
            pid: watched.pid,
            process: watched.process,
            room: Room::new(watched.pid, confinement),
            throttle: Throttle::new(limits.cpu_percent, cores),
            streams: [Stream::of(watched.stdout), Stream::of(watched.stderr)],
            limits,
            has_threads: confinement.threads,
            cores,
            began,
            cpu: Duration::ZERO,
            looked: Instant::now(),
            idle: TICK,
            reached: None,
        }
    }

    /// Watches until the guest has ended.
    pub(super) fn run(mut self) -> Seen {
        // Without: looks are a little later.
        let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(50_000));
        let mut due = Some(Instant::now());
        let mut end: Option<Instant> = None;
        while end.is_none() || self.streams.iter().any(|stream| stream.pipe.is_some()) {
            let Some(ready) = self.await_event(end.or(due), end.is_none()) else { break };
            if end.is_some_and(|end| Instant::now() >= end) {
                break;
            }
            if ready.process {
                end = Some(Instant::now() + GRACE);
                if self.process.goes_on() {
                    self.go_on();
                } else {
                    // What it started dies with it, and lets go of the pipes.
                    let _ = self.process.kill();
                }
            }
            self.read(ready.streams);
            if end.is_none() && due.is_some_and(|due| Instant::now() >= due) {
                due = self.look().map(|wait| Instant::now() + wait);
            }
        }
        let [stdout, stderr] = self.streams.map(|stream| stream.kept);
        Seen { reached: self.reached, cpu: self.cpu, stdout, stderr }
    }

    /// Waits for an event, at most until `until`; `None` if that cannot be done.
    fn await_event(&self, until: Option<Instant>, with_process: bool) -> Option<Ready> {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let timeout = left.map(Timespec::try_from).transpose().ok()?;
        let mut polled = Vec::with_capacity(3);
        if with_process {
            polled.push(PollFd::from_borrowed_fd(self.process.end(), PollFlags::IN));
        }
        let pipes = self.streams.iter().filter_map(|stream| stream.pipe.as_ref());
        polled.extend(pipes.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        match poll(&mut polled, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
        let mut ready = polled.iter().map(|one| !one.revents().is_empty());
        let process = with_process && ready.next().unwrap_or_default();
        let mut streams = [false; 2];
        for (stream, is_ready) in self.streams.iter().zip(&mut streams) {
            *is_ready = stream.pipe.is_some() && ready.next().unwrap_or_default();
        }
        Some(Ready { process, streams })
    }

    fn read(&mut self, ready: [bool; 2]) {
        for (stream, is_ready) in self.streams.iter_mut().zip(ready) {
            if is_ready {
                stream.read();
            }
        }
        let value = self.streams.iter().map(|stream| stream.count).sum();
        let max = self.limits.output_bytes_max;
        if value > max && self.reached.is_none() {
            self.end(Reached { limit: Limit::Output, max, value });
        }
    }

    /// Looks at the guest's clock and at what that makes possible; says when to look again, if ever.
    fn look(&mut self) -> Option<Duration> {
        if self.reached.is_some() {
            return None;
        }
        let Ok(cpu) = self.process.cpu_time(self.pid) else {
            // That of a guest that has just ended. Who tells of it must not stay stopped.
            self.go_on();
            return None;
        };
        let cpu = cpu.saturating_sub(self.began);
        let (now, used) = (Instant::now(), cpu.saturating_sub(self.cpu));
        let passed = now.duration_since(self.looked);
        (self.cpu, self.looked) = (cpu, now);
        let is_stopped = self.throttle.as_ref().is_some_and(Throttle::is_stopped);
        let moved = is_stopped || !used.is_zero();
        self.idle = if moved { TICK } else { (self.idle * 2).min(self.idle_max()) };
        let within = self.within(cpu, used);
        match within {
            Ok(left) => {
                let most = if self.has_threads && !used.is_zero() { THREADS_TICK } else { left };
                let wait = (left / self.cores).min(most).max(self.idle);
                Some(self.steer(passed, used).map_or(wait, |steered| steered.max(TICK).min(wait)))
            }
            Err(reached) => {
                self.end(reached);
                None
            }
        }
    }

    fn idle_max(&self) -> Duration {
        (self.cpu_max() / IDLE_SHARE).clamp(TICK, IDLE_MAX)
    }

    fn cpu_max(&self) -> Duration {
        Duration::from_millis(self.limits.cpu_ms)
    }

    /// How much processor time the guest needs to come to a limit, at the least.
    fn within(&mut self, cpu: Duration, used: Duration) -> Result<Duration, Reached> {
        let (ms, max) =
            (|span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX), self.limits.cpu_ms);
        let left = self.cpu_max().saturating_sub(cpu);
        if left.is_zero() {
            return Err(Reached { limit: Limit::CpuTime, max, value: ms(cpu) });
        }
        if self.has_threads && !used.is_zero() {
            self.count_threads()?;
        }
        let room = self.room.as_mut().map(|room| room.look(cpu)).transpose()?;
        Ok(room.map_or(left, |room| room.min(left)))
    }

    fn count_threads(&self) -> Result<(), Reached> {
        let max = self.limits.threads_max;
        match threads(self.pid) {
            Some(value) if value > max => Err(Reached { limit: Limit::Threads, max, value }),
            _ => Ok(()),
        }
    }

    /// Stops the guest or lets it go on; says when to look again, where there is a rate.
    fn steer(&mut self, passed: Duration, used: Duration) -> Option<Duration> {
        let (step, next) = self.throttle.as_mut()?.look(passed, used);
        let signal = step.map(|step| match step {
            Step::Stop => Signal::STOP,
            Step::Continue => Signal::CONT,
        });
        if let Some(signal) = signal {
            // It may have ended.
            let _ = kill_process_group(self.process.pid, signal);
        }
        Some(next)
    }

    /// Lets what a rate may have stopped go on, once there is no guest to hold back.
    fn go_on(&self) {
        if self.throttle.is_some() {
            // It may have ended.
            let _ = kill_process_group(self.process.pid, Signal::CONT);
        }
    }

    fn end(&mut self, reached: Reached) {
        self.reached = Some(reached);
        let _ = self.process.kill();
    }
}

/// How many processors a guest with threads can use at once. Asking takes a dozen calls.
fn cores() -> u32 {
    let all = std::thread::available_parallelism();
    all.map_or(1, |count| u32::try_from(count.get()).unwrap_or(1))
}

/// How many threads a process has.
fn threads(pid: Pid) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_pid())).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Threads:"))?.trim().parse().ok()
}

struct Ready {
    process: bool,
    streams: [bool; 2],
}

/// A pipe until it closes, the beginning of what came, and how much that was.
struct Stream {
    pipe: Option<std::fs::File>,
    kept: Vec<u8>,
    count: u64,
}

impl Stream {
    fn of(pipe: Option<impl Into<OwnedFd>>) -> Self {
        let pipe = pipe.map(|pipe| std::fs::File::from(pipe.into()));
        Stream { pipe, kept: Vec::new(), count: 0 }
    }

    /// Reads once, of a pipe that has something to read.
    fn read(&mut self) {
        let mut chunk = [0; 16 << 10];
        let Some(pipe) = &mut self.pipe else { return };
        match pipe.read(&mut chunk) {
            Ok(read @ 1..) => {
                self.count += read as u64;
                let room = KEPT_BYTES_MAX - self.kept.len();
                self.kept.extend(&chunk[..read.min(room)]);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => self.pipe = None,
        }
    }
}
