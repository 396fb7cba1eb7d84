//! What a launcher says before it becomes the guest: the steps that failed, and that it is ready.
//!
//! The socket closes by itself when the program takes over, so its end is the proof of a start.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketFlags, SocketType, recvmsg,
    socketpair, sockopt,
};
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

/// More than an order has steps.
const NOTES_MAX: usize = 1024;

/// What was said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// Steps that failed, and how.
    pub(super) failures: Vec<(u32, i32)>,
    /// The guest's process, once it was ready.
    pub(super) guest: Option<i32>,
}

/// The host's end, which learns who speaks, and the launcher's.
pub(super) fn channel() -> io::Result<(OwnedFd, OwnedFd)> {
    let (host, launcher) =
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_passcred(&host, true)?;
    Ok((host, launcher))
}

/// Listens until the launcher is gone or something else, at most until `deadline`.
pub(super) fn listen(socket: &OwnedFd, ready: u32, deadline: Instant) -> io::Result<Report> {
    let mut report = Report::default();
    for _ in 0..NOTES_MAX {
        await_readable(socket.as_fd(), deadline)?;
        let mut note = [0; 8];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let slices = &mut [IoSliceMut::new(&mut note)];
        let bytes = match recvmsg(socket, slices, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Ok(message) => message.bytes,
            Err(rustix::io::Errno::CONNRESET) => 0,
            Err(error) => return Err(error.into()),
        };
        if bytes == 0 {
            return Ok(report);
        }
        let [a, b, c, d, e, f, g, h] = note;
        match u32::from_ne_bytes([a, b, c, d]) {
            step if step == ready => report.guest = sender(&mut control),
            step => report.failures.push((step, i32::from_ne_bytes([e, f, g, h]))),
        }
    }
    Err(io::Error::other("the launcher reports too much"))
}

fn sender(control: &mut RecvAncillaryBuffer<'_>) -> Option<i32> {
    control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmCredentials(credentials) => Some(credentials.pid.as_raw_pid()),
        _ => None,
    })
}

/// Waits until there is something to read (or the other side is gone), at most until `deadline`.
pub(super) fn await_readable(fd: BorrowedFd<'_>, deadline: Instant) -> io::Result<()> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn say(socket: &OwnedFd, step: u32, errno: i32) {
        let note = [step.to_ne_bytes(), errno.to_ne_bytes()].concat();
        assert_eq!(rustix::io::write(socket, &note), Ok(8));
    }

    #[test]
    fn a_report_ends_with_its_socket_and_names_who_was_ready() {
        let (host, launcher) = channel().unwrap();
        say(&launcher, 3, 1);
        say(&launcher, u32::MAX, 0);
        say(&launcher, 9, 2);
        drop(launcher);
        let report = listen(&host, u32::MAX, Instant::now() + Duration::from_secs(10)).unwrap();
        let itself = i32::try_from(std::process::id()).unwrap();
        assert_eq!(report, Report { failures: vec![(3, 1), (9, 2)], guest: Some(itself) });
    }

    #[test]
    fn a_silent_launcher_is_not_waited_for_forever() {
        let (host, _launcher) = channel().unwrap();
        let error = listen(&host, u32::MAX, Instant::now()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
