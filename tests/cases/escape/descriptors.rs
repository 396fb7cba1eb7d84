//! Descriptors and surroundings of the host: what leaks into a program that it starts, and what goes back.

use crate::attempt::{Attempt, attempt};
use crate::bait::{Bait, SECRET, VARIABLE};
use crate::sys::{call, open_at, shown};
use std::fs::File;
use std::io::{self, Read};

pub(crate) const DESCRIPTORS: &[Attempt] = &[
    attempt("inherited-file", |at| {
        let mut found = [0_u8; 6];
        call!(libc::SYS_pread64, at.file, found.as_mut_ptr(), found.len(), 0)?;
        shown(found == SECRET.as_bytes())
    }),
    attempt("inherited-folder", |at| beneath(at.folder, "secret")),
    attempt("inherited-folder-parent", |at| open_at(at.folder, "..", libc::O_DIRECTORY).map(drop)),
    attempt("inherited-listener", |at| {
        let mut kind = 0_i32;
        let mut size = 4_u32;
        let (level, option) = (libc::SOL_SOCKET, libc::SO_TYPE);
        call!(libc::SYS_getsockopt, at.listener, level, option, &raw mut kind, &raw mut size).map(drop)
    }),
    attempt("change-folder-by-inherited", |at| call!(libc::SYS_fchdir, at.folder).map(drop)),
    attempt("any-other-descriptor", |_| {
        let found = (4..1024).any(|number| call!(libc::SYS_fcntl, number, libc::F_GETFD).is_ok());
        found.then_some(()).ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }),
    attempt("environment", |_| {
        std::env::var(VARIABLE).map(drop).map_err(|error| io::Error::new(io::ErrorKind::NotFound, error))
    }),
    attempt("signals-on-readiness", |at| {
        call!(libc::SYS_fcntl, at.socket, libc::F_SETFL, libc::O_ASYNC)?;
        shown(call!(libc::SYS_fcntl, at.socket, libc::F_GETFL)? & i64::from(libc::O_ASYNC) != 0)
    }),
    attempt("owner-of-socket", |at| call!(libc::SYS_fcntl, at.socket, libc::F_SETOWN, at.victim).map(drop)),
    attempt("signal-of-socket", |at| {
        call!(libc::SYS_fcntl, at.socket, crate::signals::SET_SIGNAL, libc::SIGTERM).map(drop)
    }),
    attempt("send-descriptor-to-host", |at| send(at, libc::SCM_RIGHTS, &0_i32.to_ne_bytes())),
    attempt("claim-to-be-init", |at| {
        let credentials: Vec<u8> = [1_i32, 0, 0].iter().flat_map(|word| word.to_ne_bytes()).collect();
        send(at, libc::SCM_CREDENTIALS, &credentials)
    })
    .root_only(),
    attempt("peer-credentials", |at| peer(at, libc::SO_PEERCRED)),
    attempt("peer-handle", |at| peer(at, 77)).given("Linux 6.5"),
    attempt("peer-groups", |at| {
        let (mut found, mut size) = ([0_u32; 256], 1024_u32);
        let (level, option) = (libc::SOL_SOCKET, 59);
        call!(libc::SYS_getsockopt, at.socket, level, option, found.as_mut_ptr(), &raw mut size).map(drop)
    }),
    attempt("grow-socket-buffer", |at| set_socket(at, libc::SO_SNDBUF, 1 << 24)),
    attempt("force-socket-buffer", |at| set_socket(at, libc::SO_SNDBUFFORCE, 1 << 24)).root_only(),
    attempt("ask-for-credentials", |at| set_socket(at, libc::SO_PASSCRED, 1)),
    attempt("filter-socket", |at| {
        let mut accept = libc::sock_filter { code: 6, jt: 0, jf: 0, k: u32::MAX };
        let filter = libc::sock_fprog { len: 1, filter: &raw mut accept };
        let (level, option, size) = (libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, size_of_val(&filter));
        call!(libc::SYS_setsockopt, at.socket, level, option, &raw const filter, size).map(drop)
    }),
    attempt("make-anonymous-pipe", |_| {
        let mut ends = [0_i32; 2];
        call!(libc::SYS_pipe2, ends.as_mut_ptr(), 0).map(drop)
    }),
    attempt("make-event", |_| call!(libc::SYS_eventfd2, 0, 0).map(drop)),
    attempt("make-timer", |_| call!(libc::SYS_timerfd_create, libc::CLOCK_MONOTONIC, 0).map(drop)),
    attempt("make-signal-descriptor", |_| {
        let none = 0_u64;
        call!(libc::SYS_signalfd4, -1, &raw const none, 8, 0).map(drop)
    }),
    attempt("make-poll-set", |_| call!(libc::SYS_epoll_create1, 0).map(drop)),
];

fn beneath(folder: i32, name: &str) -> io::Result<()> {
    let mut text = String::new();
    File::from(open_at(folder, name, libc::O_RDONLY)?).read_to_string(&mut text)?;
    shown(text == SECRET)
}

fn peer(at: &Bait, option: i32) -> io::Result<()> {
    let (mut found, mut size) = ([0_i32; 3], 12_u32);
    call!(libc::SYS_getsockopt, at.socket, libc::SOL_SOCKET, option, found.as_mut_ptr(), &raw mut size)
        .map(drop)
}

fn set_socket(at: &Bait, option: i32, value: i32) -> io::Result<()> {
    call!(libc::SYS_setsockopt, at.socket, libc::SOL_SOCKET, option, &raw const value, 4).map(drop)
}

/// One byte with a control message.
fn send(at: &Bait, kind: i32, payload: &[u8]) -> io::Result<()> {
    let mut control = [0_u64; 8];
    let length = size_of::<libc::cmsghdr>() + payload.len();
    control[0] = length as u64;
    control[1] = u64::from(libc::SOL_SOCKET.unsigned_abs()) | u64::from(kind.unsigned_abs()) << 32;
    for (at, byte) in payload.iter().enumerate() {
        control[2 + at / 8] |= u64::from(*byte) << (8 * (at % 8));
    }
    let byte = libc::iovec { iov_base: c"x".as_ptr().cast_mut().cast(), iov_len: 1 };
    // The structure as the kernel reads it: name, length, parts, their number, control, its length, flags.
    let parts = &raw const byte;
    let message = [0, 0, parts as u64, 1, control.as_ptr() as u64, length as u64, 0];
    call!(libc::SYS_sendmsg, at.socket, message.as_ptr(), 0).map(drop)
}
