//! Threads and other processes. Whether there may be any is the sandbox's to say; what it refuses is counted here, with who
//! has asked, so that a run which fails for it can say where.

use std::ffi::{c_char, c_int, c_long, c_void};

use orket_contract::ambient::Kind;

use super::real::libc;
use super::{EPERM, errno, number, world};

/// Takes note of an answer, if it is that of a sandbox.
fn told(kind: Kind, errno: c_int) {
    if let (EPERM, Some(world)) = (errno, world()) {
        world.observe(kind);
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
    let answer = libc!(pthread_create(
        thread: *mut c_void, attributes: *const c_void, start: *const c_void, argument: *mut c_void
    ) -> c_int, or EPERM);
    told(Kind::Thread, answer);
    answer
}

/// See `fork(2)`.
#[unsafe(no_mangle)]
extern "C" fn fork() -> c_int {
    let answer = libc!(fork() -> c_int, or -1);
    if answer < 0 {
        told(Kind::Process, errno());
    }
    answer
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
            ) -> c_int, or EPERM);
            told(Kind::Process, answer);
            answer
        }
    )*};
}
spawn!(posix_spawn posix_spawnp);

/// Takes note of what the kernel has answered to a system call, where that is one that starts something.
pub(super) fn answered(number: c_long, flags: c_long, answer: c_long) {
    const CLONE_THREAD: c_long = 0x1_0000;
    let kind = match number {
        number::CLONE if flags & CLONE_THREAD != 0 => Kind::Thread,
        number::CLONE | number::FORK | number::VFORK => Kind::Process,
        _ => return,
    };
    if answer < 0 {
        told(kind, errno());
    }
}
