//! Signals to what is not the guest's.

use crate::attempt::{Attempt, attempt};
use crate::sys::{call, descriptor};
use std::fs::File;
use std::os::fd::AsRawFd;

/// `F_SETSIG`
pub(crate) const SET_SIGNAL: i32 = 10;

pub(crate) const SIGNALS: &[Attempt] = &[
    attempt("signal-another", |at| call!(libc::SYS_kill, at.victim, 0).map(drop)),
    attempt("end-another", |at| call!(libc::SYS_kill, at.victim, libc::SIGTERM).map(drop)),
    attempt("kill-another", |at| call!(libc::SYS_kill, at.victim, libc::SIGKILL).map(drop)),
    attempt("stop-another", |at| call!(libc::SYS_kill, at.victim, libc::SIGSTOP).map(drop)),
    attempt("signal-host", |at| call!(libc::SYS_kill, at.host, 0).map(drop)),
    attempt("signal-all", |_| call!(libc::SYS_kill, -1, 0).map(drop)),
    attempt("signal-group-of-host", |at| {
        let group = call!(libc::SYS_getpgid, at.host).unwrap_or(i64::from(at.host));
        call!(libc::SYS_kill, -group, 0).map(drop)
    }),
    attempt("signal-own-group", |_| call!(libc::SYS_kill, 0, 0).map(drop)),
    attempt("signal-thread-of-another", |at| {
        call!(libc::SYS_tgkill, at.victim, at.victim, libc::SIGTERM).map(drop)
    }),
    attempt("signal-thread-of-host", |at| call!(libc::SYS_tgkill, at.host, at.host, 0).map(drop)),
    attempt("signal-by-tkill", |at| call!(libc::SYS_tkill, at.victim, libc::SIGTERM).map(drop)),
    attempt("signal-with-value", |at| {
        let information = value(libc::SIGTERM);
        call!(libc::SYS_rt_sigqueueinfo, at.victim, libc::SIGTERM, information.as_ptr()).map(drop)
    }),
    attempt("signal-thread-with-value", |at| {
        let (victim, information) = (at.victim, value(libc::SIGTERM));
        call!(libc::SYS_rt_tgsigqueueinfo, victim, victim, libc::SIGTERM, information.as_ptr()).map(drop)
    }),
    attempt("signal-by-handle", |at| {
        let process = crate::processes::handle(at.victim)?;
        call!(libc::SYS_pidfd_send_signal, process.as_raw_fd(), libc::SIGTERM, 0, 0).map(drop)
    }),
    attempt("signal-by-handle-of-proc", |at| {
        let process = File::open(format!("/proc/{}", at.victim))?;
        call!(libc::SYS_pidfd_send_signal, process.as_raw_fd(), libc::SIGTERM, 0, 0).map(drop)
    }),
    attempt("signal-by-owned-socket", |at| {
        let mut ends = [0_i32; 2];
        call!(libc::SYS_socketpair, libc::AF_UNIX, libc::SOCK_STREAM, 0, ends.as_mut_ptr())?;
        call!(libc::SYS_fcntl, ends[0], libc::F_SETOWN, at.victim)?;
        call!(libc::SYS_fcntl, ends[0], SET_SIGNAL, libc::SIGTERM)?;
        call!(libc::SYS_fcntl, ends[0], libc::F_SETFL, libc::O_ASYNC)?;
        call!(libc::SYS_write, ends[1], c"x".as_ptr(), 1).map(drop)
    }),
    attempt("signal-by-timer", |_| {
        // To itself, but from a timer that outlives what started it.
        let mut timer = 0_i32;
        call!(libc::SYS_timer_create, libc::CLOCK_MONOTONIC, 0, &raw mut timer).map(drop)
    }),
    attempt("signal-by-interval", |_| {
        let soon = [0_i64, 0, 3600, 0];
        call!(libc::SYS_setitimer, libc::ITIMER_REAL, soon.as_ptr(), 0).map(drop)
    }),
    attempt("signal-by-queue", |at| {
        let name = crate::sys::path(&at.queue);
        let queue = descriptor(call!(libc::SYS_mq_open, name.as_ptr(), libc::O_RDWR, 0, 0))?;
        call!(libc::SYS_mq_notify, queue.as_raw_fd(), 0).map(drop)
    }),
];

/// As the kernel reads it: the signal, no error, "queued".
fn value(signal: i32) -> [i32; 32] {
    let mut words = [0; 32];
    (words[0], words[2]) = (signal, libc::SI_QUEUE);
    words
}
