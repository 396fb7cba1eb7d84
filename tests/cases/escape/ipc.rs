//! Memory, messages, semaphores and keys that are shared by name or number.

use crate::attempt::{Attempt, attempt};
use crate::bait::SECRET;
use crate::sys::{call, descriptor, path, shown};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsRawFd;

pub(crate) const IPC: &[Attempt] = &[
    attempt("segment-of-host", |at| call!(libc::SYS_shmat, at.segment, 0, libc::SHM_RDONLY).map(drop)),
    attempt("segment-own", |_| {
        let id = call!(libc::SYS_shmget, libc::IPC_PRIVATE, 4096, 0o600)?;
        call!(libc::SYS_shmctl, id, libc::IPC_RMID, 0).map(drop)
    }),
    attempt("limits-of-segments", |_| {
        let mut found = [0_u64; 32];
        call!(libc::SYS_shmctl, 0, 3, found.as_mut_ptr()).map(drop)
    }),
    attempt("segment-of-host-described", |at| {
        let mut found = [0_u64; 32];
        call!(libc::SYS_shmctl, at.segment, libc::IPC_STAT, found.as_mut_ptr()).map(drop)
    }),
    attempt("messages-own", |_| {
        let id = call!(libc::SYS_msgget, libc::IPC_PRIVATE, 0o600)?;
        call!(libc::SYS_msgctl, id, libc::IPC_RMID, 0).map(drop)
    }),
    attempt("semaphores-own", |_| {
        let id = call!(libc::SYS_semget, libc::IPC_PRIVATE, 1, 0o600)?;
        call!(libc::SYS_semctl, id, 0, libc::IPC_RMID, 0).map(drop)
    }),
    attempt("queue-of-host", |at| {
        let name = path(&at.queue);
        descriptor(call!(libc::SYS_mq_open, name.as_ptr(), libc::O_RDWR, 0, 0)).map(drop)
    }),
    attempt("queue-own", |at| {
        let name = path(format!("{}-own", at.queue));
        descriptor(call!(libc::SYS_mq_open, name.as_ptr(), libc::O_RDWR | libc::O_CREAT, 0o600, 0))?;
        call!(libc::SYS_mq_unlink, name.as_ptr()).map(drop)
    }),
    attempt("shared-memory-of-host", |at| {
        let mut text = String::new();
        File::open(&at.shared)?.read_to_string(&mut text)?;
        shown(text == SECRET)
    }),
    attempt("shared-memory-of-host-changed", |at| OpenOptions::new().write(true).open(&at.shared).map(drop)),
    attempt("key-of-host", |at| {
        let (key, mut text) = (at.key.ok_or(io::ErrorKind::NotFound)?, [0_u8; 6]);
        call!(libc::SYS_keyctl, libc::KEYCTL_READ, key, text.as_mut_ptr(), text.len())?;
        shown(text == SECRET.as_bytes())
    })
    .given("a session keyring that is inherited"),
    attempt("key-own", |_| {
        let (kind, name) = (c"user".as_ptr(), c"orket-escape-own".as_ptr());
        let keyring = libc::KEY_SPEC_PROCESS_KEYRING;
        call!(libc::SYS_add_key, kind, name, c"x".as_ptr(), 1, keyring).map(drop)
    }),
    attempt("key-searched", |at| {
        let keyring = libc::KEY_SPEC_SESSION_KEYRING;
        let (kind, name) = (c"user", path(&at.queue));
        call!(libc::SYS_keyctl, libc::KEYCTL_SEARCH, keyring, kind.as_ptr(), name.as_ptr(), 0).map(drop)
    })
    .given("a session keyring that is inherited"),
    attempt("key-requested", |at| {
        let (kind, name) = (c"user", path(&at.queue));
        call!(libc::SYS_request_key, kind.as_ptr(), name.as_ptr(), 0, 0).map(drop)
    })
    .given("a session keyring that is inherited"),
    attempt("session-keyring-joined", |_| {
        call!(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, c"orket-escape".as_ptr()).map(drop)
    }),
    attempt("pipe-file-of-host", |_| {
        let name = path("artifacts/pipe");
        call!(libc::SYS_mknodat, libc::AT_FDCWD, name.as_ptr(), libc::S_IFIFO | 0o600, 0)?;
        let pipe = OpenOptions::new().read(true).write(true).open("artifacts/pipe")?;
        call!(libc::SYS_fcntl, pipe.as_raw_fd(), libc::F_SETPIPE_SZ, 1 << 20).map(drop)
    }),
];
