//! The host's child: the guest itself, or the first process of its namespace.
//!
//! Until it is reaped its process id cannot be given to another process, so killing by id is safe exactly as long as it is not.

use super::super::{Error, Layer};
use super::kernel::{self, Reaped};
use super::lent::Lent;
use super::order::End;
use super::report::await_readable;
use super::serve;
use super::spawner::Started;
use rustix::net::RecvFlags;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a guest whose parent was killed may take to end, which the kernel has begun.
const ORPHAN_WAIT: Duration = Duration::from_secs(1);

/// The host's child, and what it leads: everything in its namespace ends with it, and its group is that of all guests in it.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: Pid,
    pub(super) pidfd: OwnedFd,
    tells: Tells,
    /// The guest, where this is not it and no namespace ends with this.
    guest: OnceLock<OwnedFd>,
    /// What guests own until its end.
    lent: Lent,
    reaped: OnceLock<Reaped>,
}

/// How the end of a guest is learned.
#[derive(Debug)]
pub(super) enum Tells {
    /// The process is the guest.
    Itself,
    /// The process says it here, and ends with the guest.
    Once(File),
    /// The process says it here, and waits for the next guest.
    Again(OwnedFd),
}

impl Process {
    pub(super) fn new((pid, pidfd): Started, tells: Tells, lent: Lent) -> Self {
        Process { pid, pidfd, tells, guest: OnceLock::new(), lent, reaped: OnceLock::new() }
    }

    /// What becomes readable when a guest of it has ended.
    pub(super) fn end(&self) -> BorrowedFd<'_> {
        match &self.tells {
            Tells::Itself | Tells::Once(_) => self.pidfd.as_fd(),
            Tells::Again(told) => told.as_fd(),
        }
    }

    /// Waits until a guest of it has ended, at most until `deadline`.
    pub(super) fn await_end(&self, deadline: Instant) -> io::Result<()> {
        await_readable(self.end(), deadline)?;
        match &self.tells {
            // Without a word, the process is at its own end, which takes as long as that of its guest.
            Tells::Again(told) if is_closed(told)? => await_readable(self.pidfd.as_fd(), deadline),
            _ => Ok(()),
        }
    }

    /// Whether it is there for further guests.
    pub(super) fn goes_on(&self) -> bool {
        matches!(self.tells, Tells::Again(_)) && self.reaped.get().is_none()
    }

    /// Whether it is the guest.
    pub(super) fn is(&self, guest: Pid) -> bool {
        self.pid == guest
    }

    /// Notes which of its children is the guest. One that has ended already is none.
    pub(super) fn leads(&self, guest: Pid) {
        let Ok(handle) = pidfd_open(guest, PidfdFlags::empty()) else { return };
        // It has one child alone, so whoever has that number now had it before, too.
        if parent(guest) == Some(self.pid) {
            let _ = self.guest.set(handle);
        }
    }

    /// A handle of what has to be killed for the guest to end, and all else with it.
    pub(super) fn handle(&self) -> &OwnedFd {
        self.guest.get().unwrap_or(&self.pidfd)
    }

    /// The processor time of its guest, and its own: what it does besides waiting it does for the guest.
    pub(super) fn cpu_time(&self, guest: Pid) -> io::Result<Duration> {
        let own =
            if self.is(guest) { Duration::ZERO } else { kernel::cpu_time(self.pid).unwrap_or_default() };
        Ok(kernel::cpu_time(guest)? + own)
    }

    /// Kills the guest and everything that ends with it.
    pub(super) fn kill(&self) -> rustix::io::Result<()> {
        if self.reaped.get().is_some() {
            return Ok(());
        }
        if let Some(guest) = self.guest.get()
            && pidfd_send_signal(guest, Signal::KILL).is_ok()
        {
            // Its parent removes it from the process table, and ends. A rate may have stopped both.
            let _ = rustix::process::kill_process_group(self.pid, Signal::CONT);
            return Ok(());
        }
        self.kill_all()
    }

    fn kill_all(&self) -> rustix::io::Result<()> {
        // Where there is no namespace, nothing else is in the group either: the handle below is what counts.
        let _ = rustix::process::kill_process_group(self.pid, Signal::KILL);
        kill(&self.pidfd)
    }

    /// Kills the parent that has not removed its ended guest from the process table, as one that somebody stops cannot; says
    /// whether it is that.
    pub(super) fn kill_idle_parent(&self) -> bool {
        let has_ended = |guest: &OwnedFd| await_readable(guest.as_fd(), Instant::now()).is_ok();
        self.guest.get().is_some_and(has_ended) && self.kill_all().is_ok()
    }

    /// Learns how the guest ended that has just ended. What ends with it is removed from the process table.
    pub(super) fn reap_guest(&self) -> Result<Reaped, Error> {
        let reap = || self.reap().map_err(no_end);
        match &self.tells {
            Tells::Itself => reap(),
            Tells::Once(status) => {
                let reaped = reap()?;
                Ok(Reaped { status: told(status).unwrap_or(reaped.status), ..reaped })
            }
            Tells::Again(told) => match told_again(told).map_err(no_end)? {
                Some(told) => told.map_err(|errno| {
                    Error::unavailable(Layer::StartVector, errno, "a guest's start-vector cannot be changed")
                }),
                // All guests that it ever had are in its own account.
                None => Ok(Reaped { cpu: Duration::ZERO, ..reap()? }),
            },
        }
    }

    /// Removes it from the process table, after what it may have started.
    pub(super) fn reap(&self) -> io::Result<Reaped> {
        if let Some(reaped) = self.reaped.get() {
            return Ok(*reaped);
        }
        let _ = self.kill();
        let reaped = kernel::reap(self.pid)?;
        self.reap_orphan();
        Ok(*self.reaped.get_or_init(|| reaped))
    }

    /// Removes the guest, too, where its parent could not and this process takes in orphans.
    fn reap_orphan(&self) {
        if let Some(guest) = self.guest.get()
            && await_readable(guest.as_fd(), Instant::now() + ORPHAN_WAIT).is_ok()
        {
            // It is hardly ever there, and then it may be another's.
            let _ = waitid(WaitId::PidFd(guest.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        }
    }

    /// Takes back what guests own: there is none left.
    pub(super) fn take_back(&mut self) {
        self.lent.take_back();
    }
}

fn no_end(error: io::Error) -> Error {
    Error::failed("the guest's end cannot be learned", error)
}

/// The parent of a process.
fn parent(pid: Pid) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid())).ok()?;
    let (_, after_name) = stat.rsplit_once(") ")?;
    Pid::from_raw(after_name.split(' ').nth(1)?.parse().ok()?)
}

/// What the first process has said of the guest's end. It is gone, so this does not wait.
fn told(mut status: &File) -> Option<i32> {
    let mut word = [0; 4];
    status.read_exact(&mut word).ok()?;
    Some(i32::from_ne_bytes(word))
}

/// What a server says of a guest's end; nothing where the server has ended itself.
fn told_again(socket: &OwnedFd) -> io::Result<Option<Result<Reaped, i32>>> {
    let mut end = [0; size_of::<End>()];
    match rustix::io::retry_on_intr(|| rustix::io::read(socket, &mut end)) {
        Ok(read) if read == end.len() => Ok(Some(serve::reaped(&end))),
        Ok(_) | Err(rustix::io::Errno::CONNRESET) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether nobody speaks any more and all was heard.
fn is_closed(socket: &OwnedFd) -> io::Result<bool> {
    match rustix::net::recv(socket, &mut [0_u8; 1][..], RecvFlags::PEEK) {
        Ok((_, heard)) => Ok(heard == 0),
        Err(rustix::io::Errno::CONNRESET) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Kills a process; one that has ended is left alone.
pub(super) fn kill(pidfd: &OwnedFd) -> rustix::io::Result<()> {
    match pidfd_send_signal(pidfd, Signal::KILL) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error),
    }
}
