//! Threads and other processes. Whether there may be any is the sandbox's to say; what it refuses is counted here, with who
//! has asked, so that a run which fails for it can say where. Sockets are refused in the same words, and noticed so that they are
//! not taken for these.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::sync::atomic::Ordering::Relaxed;

use orket_contract::ambient::Kind;

use super::real::libc;
use super::{EAGAIN, ENOSYS, EPERM, REFUSED, errno, fail, is_alone, number, world};

/// Takes note of an answer, if it is that of a sandbox. `errno` stays what it was.
fn told(kind: Option<Kind>, answer: c_int) {
    if let (EPERM, Some(world)) = (answer, world()) {
        let before = errno();
        world.refuse(kind);
        fail(before);
    }
}

/// See `pthread_create(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_create(
    thread: *mut c_void,
    attributes: *const c_void,
    start: *const c_void,
    argument: *mut c_void,
) -> c_int {
    let was_alone = is_alone();
    REFUSED.store(false, Relaxed);
    let answer = libc!(pthread_create(
        thread: *mut c_void, attributes: *const c_void, start: *const c_void, argument: *mut c_void
    ) -> c_int, or EAGAIN);
    if answer == EPERM && inherits_scheduling(attributes) {
        REFUSED.store(was_alone, Relaxed);
        told(Some(Kind::Thread), answer);
    }
    answer
}

/// Whether a thread with these attributes is scheduled as who starts it. Where it is not, the kernel may refuse that, without any
/// sandbox.
fn inherits_scheduling(attributes: *const c_void) -> bool {
    const EXPLICIT: c_int = 1;
    let mut inherited = 0;
    let into = &raw mut inherited;
    if !attributes.is_null() {
        libc!(pthread_attr_getinheritsched(attributes: *const c_void, into: *mut c_int) -> c_int, or 0);
    }
    inherited != EXPLICIT
}

/// See `fork(2)`.
#[unsafe(no_mangle)]
extern "C" fn fork() -> c_int {
    let answer = libc!(fork() -> c_int, or -1);
    if answer < 0 {
        told(Some(Kind::Process), errno());
    }
    answer
}

macro_rules! socket {
    ($($name:ident($($argument:ident: $type:ty),*))*) => {$(
        #[doc = concat!("See `", stringify!($name), "(2)`.")]
        ///
        /// # Safety
        /// The manual's.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($argument: $type),*) -> c_int {
            let answer = libc!($name($($argument: $type),*) -> c_int, or -1);
            if answer < 0 {
                told(None, errno());
            }
            answer
        }
    )*};
}
socket! {
    socket(family: c_int, kind: c_int, protocol: c_int)
    socketpair(family: c_int, kind: c_int, protocol: c_int, ends: *mut c_int)
}

macro_rules! spawn {
    ($($name:ident)*) => {$(
        #[doc = concat!("See `", stringify!($name), "(3)`.")]
        ///
        /// # Safety
        /// The manual's.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            process: *mut c_int,
            path: *const c_char,
            actions: *const c_void,
            attributes: *const c_void,
            arguments: *const *mut c_char,
            environment: *const *mut c_char,
        ) -> c_int {
            let answer = libc!($name(
                process: *mut c_int, path: *const c_char, actions: *const c_void, attributes: *const c_void,
                arguments: *const *mut c_char, environment: *const *mut c_char
            ) -> c_int, or ENOSYS);
            told(Some(Kind::Process), answer);
            answer
        }
    )*};
}
spawn!(posix_spawn posix_spawnp);

/// Takes note of what the kernel has answered to a system call, where that is one that starts something.
pub(super) fn answered(number: c_long, flags: c_long, answer: c_long) {
    const CLONE_THREAD: c_long = 0x1_0000;
    let kind = match number {
        number::CLONE if flags & CLONE_THREAD != 0 => Some(Kind::Thread),
        number::CLONE | number::FORK | number::VFORK => Some(Kind::Process),
        number::SOCKET | number::SOCKETPAIR => None,
        _ => return,
    };
    if answer < 0 {
        told(kind, errno());
    }
}
