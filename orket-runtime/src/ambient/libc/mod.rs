//! libc's entry points, as the program itself defines them.
//!
//! Invariants: each is what its manual page says, also for `errno` and wrong arguments; without a world
//! it is libc's own, found behind this program; none of them panics, because nothing could unwind.

#![expect(unsafe_code, reason = "entry points of libc have the signatures of C")]

mod clock;
mod company;
mod entropy;
mod files;
mod folders;
mod futex;
mod machine;
mod names;
mod number;
mod real;
mod stack;
mod syscall;
#[cfg(target_arch = "x86_64")]
mod trap;

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicUsize, Ordering::Relaxed};

use orket_contract::ambient::GUEST_NAME;

use super::World;
pub(super) use stack::callers;

/// The world of a guest.
static GUEST: World = World::new();

/// Who has started this process: nobody has looked yet, somebody, or a host.
static STARTED: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = 0;
const ELSEWHERE: u8 = 1;
const HOSTED: u8 = 2;

/// How many threads live in a world of their own.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The world of this thread alone; null for none.
    static OWN: Cell<*const World> = const { Cell::new(ptr::null()) };
}

/// The world of the calling thread.
#[inline]
pub(super) fn world() -> Option<&'static World> {
    match STARTED.load(Relaxed) {
        HOSTED => Some(&GUEST),
        ELSEWHERE if THREADS.load(Relaxed) == 0 => None,
        // SAFETY: null, or what an `Inside` of this thread keeps, which is not dropped within a call of libc.
        ELSEWHERE => unsafe { OWN.get().as_ref() },
        _ => first_look(),
    }
}

#[cold]
fn first_look() -> Option<&'static World> {
    unsafe extern "C" {
        static program_invocation_name: *const c_char;
    }
    // SAFETY: libc keeps a pointer there, null until it has begun.
    let name = unsafe { program_invocation_name };
    if name.is_null() {
        return None;
    }
    // SAFETY: libc points it to the first argument or to a constant.
    let is_guest = unsafe { CStr::from_ptr(name) } == GUEST_NAME;
    STARTED.store(if is_guest { HOSTED } else { ELSEWHERE }, Relaxed);
    world()
}

/// Whether a host has started this process.
fn is_guest() -> bool {
    world().is_some() && STARTED.load(Relaxed) == HOSTED
}

/// Whether the last thread that was asked for, by the only one, was refused: glibc takes it for one nevertheless.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// Whether the process has one thread.
#[inline]
pub(super) fn is_alone() -> bool {
    /// glibc's own flag, since 2.32; nothing before.
    static FLAG: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());
    static MANY: c_char = 0;
    let mut flag = FLAG.load(Relaxed);
    if flag.is_null() {
        flag = real::find(c"__libc_single_threaded").cast();
        if flag.is_null() {
            flag = (&raw const MANY).cast_mut();
        }
        FLAG.store(flag, Relaxed);
    }
    // SAFETY: a byte of glibc, or ours, for as long as the process lives; it changes before a second thread runs.
    unsafe { flag.read_volatile() != 0 || REFUSED.load(Relaxed) }
}

/// Whether no other thread can be in the world of the calling one, so that a wait of it can have no other end than its time.
pub(super) fn lives_alone() -> bool {
    !is_guest() || is_alone()
}

/// Moves the calling thread into a world of its own, until what is given back is dropped.
#[cfg(feature = "testing")]
pub(super) fn enter(world: Box<World>) -> Inside {
    THREADS.fetch_add(1, Relaxed);
    Inside { before: OWN.replace(&raw const *world), _world: world }
}

/// The stay of a thread in a world; then it is where it was before.
#[cfg(feature = "testing")]
pub(super) struct Inside {
    before: *const World,
    _world: Box<World>,
}

#[cfg(feature = "testing")]
impl Drop for Inside {
    fn drop(&mut self) {
        OWN.set(self.before);
        THREADS.fetch_sub(1, Relaxed);
    }
}

unsafe extern "C" {
    safe fn __errno_location() -> *mut c_int;
}

fn errno() -> c_int {
    // SAFETY: `errno` of the calling thread.
    unsafe { *__errno_location() }
}

/// Fails as libc does.
fn fail(errno: c_int) -> c_int {
    // SAFETY: `errno` of the calling thread.
    unsafe { *__errno_location() = errno };
    -1
}

const EPERM: c_int = 1;
const EAGAIN: c_int = 11;
const EFAULT: c_int = 14;
const EINVAL: c_int = 22;
const EIO: c_int = 5;
const ENOSYS: c_int = 38;
