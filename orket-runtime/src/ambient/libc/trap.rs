//! The counter of the processor, which `rdtsc` reads past libc: in a guest it traps, and shows virtual time.
//!
//! The trap is a segmentation fault, so this handles that signal, and keeps what the program itself does
//! with it beside: `sigaction` and `signal` show and change that, and whatever is no trap goes there.

use std::ffi::{c_int, c_ulong, c_void};
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering::Relaxed};

use orket_contract::ambient::Kind;

use super::real::libc;
use super::world;

const SIGSEGV: c_int = 11;
const SA_SIGINFO: c_int = 4;
const SA_ONSTACK: c_int = 0x0800_0000;
const SA_RESTART: c_int = 0x1000_0000;
const SA_RESETHAND: c_int = 0x8000_0000_u32.cast_signed();
const SIG_DFL: usize = 0;
const SIG_IGN: usize = 1;
/// A fault without an address, as a trapped instruction is.
const SI_KERNEL: c_int = 0x80;

/// `struct sigaction` of glibc.
#[repr(C)]
#[derive(Clone, Copy)]
struct Action {
    handler: usize,
    mask: [c_ulong; 16],
    flags: c_int,
    restorer: usize,
}

static DEFAULT: Action = Action { handler: SIG_DFL, mask: [0; 16], flags: 0, restorer: 0 };

/// The beginning of `siginfo_t`.
#[repr(C)]
struct Info {
    signal: c_int,
    errno: c_int,
    code: c_int,
}

/// The beginning of `ucontext_t`: flags, link and stack, then the registers.
#[repr(C)]
struct State {
    before: [u64; 5],
    registers: [u64; 23],
}

const RDX: usize = 12;
const RAX: usize = 13;
const RCX: usize = 14;
const RIP: usize = 16;

/// What the program does with the signal. Each part is whole at any time; where threads are allowed, one that faults while
/// another changes this may see parts of both.
struct Own {
    handler: AtomicUsize,
    mask: [AtomicU64; 16],
    flags: AtomicI32,
    restorer: AtomicUsize,
}

static OWN: Own = Own {
    handler: AtomicUsize::new(SIG_DFL),
    mask: [const { AtomicU64::new(0) }; 16],
    flags: AtomicI32::new(0),
    restorer: AtomicUsize::new(0),
};

impl Own {
    fn get(&self) -> Action {
        Action {
            handler: self.handler.load(Relaxed),
            mask: std::array::from_fn(|at| self.mask[at].load(Relaxed)),
            flags: self.flags.load(Relaxed),
            restorer: self.restorer.load(Relaxed),
        }
    }

    fn set(&self, action: Action) {
        self.handler.store(action.handler, Relaxed);
        self.mask.iter().zip(action.mask).for_each(|(word, value)| word.store(value, Relaxed));
        self.flags.store(action.flags, Relaxed);
        self.restorer.store(action.restorer, Relaxed);
    }
}

static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Before every other constructor of the program: nothing of the author's runs earlier.
#[used]
#[unsafe(link_section = ".init_array.00001")]
static BEGIN: extern "C" fn() = begin;

extern "C" fn begin() {
    const PR_SET_TSC: c_int = 26;
    const PR_TSC_SIGSEGV: c_ulong = 2;
    if !super::is_guest() {
        return;
    }
    let action =
        Action { handler: on_fault as *const () as usize, flags: SA_SIGINFO | SA_ONSTACK, ..DEFAULT };
    if real_sigaction(SIGSEGV, &raw const action, ptr::null_mut()) != 0 {
        return;
    }
    INSTALLED.store(true, Relaxed);
    unsafe extern "C" {
        safe fn prctl(option: c_int, value: c_ulong) -> c_int;
    }
    // Where that is refused, the host has done it, or the layer is missing on its record.
    prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
}

fn real_sigaction(signal: c_int, new: *const Action, old: *mut Action) -> c_int {
    libc!(sigaction(signal: c_int, new: *const Action, old: *mut Action) -> c_int, or -1)
}

/// See `sigaction(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn sigaction(signal: c_int, new: *const Action, old: *mut Action) -> c_int {
    if signal != SIGSEGV || !INSTALLED.load(Relaxed) {
        return real_sigaction(signal, new, old);
    }
    let before = OWN.get();
    // SAFETY: the caller's pointers.
    unsafe {
        if !new.is_null() {
            OWN.set(*new);
        }
        if !old.is_null() {
            *old = before;
        }
    }
    0
}

/// See `signal(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn signal(signal: c_int, handler: usize) -> usize {
    if signal != SIGSEGV || !INSTALLED.load(Relaxed) {
        return libc!(signal(signal: c_int, handler: usize) -> usize, or usize::MAX);
    }
    let (new, mut old) = (Action { handler, flags: SA_RESTART, ..DEFAULT }, DEFAULT);
    // SAFETY: both are there.
    unsafe { sigaction(signal, &raw const new, &raw mut old) };
    old.handler
}

unsafe extern "C" fn on_fault(signal: c_int, info: *mut Info, state: *mut State) {
    // SAFETY: the kernel passes both.
    let (code, registers) = unsafe { ((*info).code, &mut (*state).registers) };
    if code == SI_KERNEL && answered(registers) {
        return;
    }
    let own = OWN.get();
    match own.handler {
        SIG_IGN if code <= 0 => {}
        SIG_DFL | SIG_IGN => end(signal, code),
        handler => {
            if own.flags & SA_RESETHAND != 0 {
                OWN.handler.store(SIG_DFL, Relaxed);
            }
            // SAFETY: the program has given it for this signal; one of the older kind looks at its first argument alone.
            unsafe {
                let handler: unsafe extern "C" fn(c_int, *mut c_void, *mut c_void) = mem::transmute(handler);
                handler(signal, info.cast(), state.cast());
            }
        }
    }
}

/// Lets the signal do what it does by itself: what has faulted faults again, what was sent is sent again.
fn end(signal: c_int, code: c_int) {
    unsafe extern "C" {
        safe fn raise(signal: c_int) -> c_int;
    }
    real_sigaction(signal, &raw const DEFAULT, ptr::null_mut());
    if code <= 0 {
        raise(signal);
    }
}

/// Carries out the instruction that has trapped, if it reads the counter: a nanosecond is one.
fn answered(registers: &mut [u64; 23]) -> bool {
    let at: *const u8 = ptr::with_exposed_provenance(registers[RIP] as usize);
    // SAFETY: the processor has read the instruction there, whose first two bytes decide about a third.
    let length = unsafe {
        match (*at, *at.add(1)) {
            (0x0f, 0x31) => 2,
            (0x0f, 0x01) if *at.add(2) == 0xf9 => 3,
            _ => return false,
        }
    };
    let Some(world) = world() else { return false };
    let time = world.look(Kind::MonotonicClock);
    registers[RAX] = time & 0xffff_ffff;
    registers[RDX] = time >> 32;
    if length == 3 {
        // Which processor it is.
        registers[RCX] = 0;
    }
    registers[RIP] += length;
    true
}
