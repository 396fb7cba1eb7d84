//! The launcher: a program without libc, heap or policy, which makes the system calls of an [`order`].
//!
//! Started with the number of a descriptor, it maps that as its order; the last call becomes the guest. Started as a guest, it
//! is the canary: it makes the calls that it is sent, sends back what came of each, and waits for the end.
#![no_std]
#![no_main]

mod kernel;
#[allow(dead_code)] // the host has it as well
mod order;
mod vector;

use core::arch::global_asm;
use kernel::{call, exit, number};
use order::{BASE, BYTES_MAX, Change, End, FORK, Header, IGNORE, LOAD, NO_SLOT, RECALL, SERVE, SLOTS, STOP};
use order::{STORE, Step};
use vector::Tracer;

const PROT_READ_WRITE: u64 = 3;
const MAP_PRIVATE: u64 = 2;
const MAP_FIXED: u64 = 0x10;
const MAP_ANONYMOUS: u64 = 0x20;
const SIGCHLD: u64 = 17;
const MSG_PEEK: u64 = 2;
const MSG_DONTWAIT: u64 = 0x40;
const ESRCH: i64 = -3;
/// The guest's end of the conversation.
const SOCKET: u64 = 3;
/// The exit code of a launcher that stopped before the guest began.
const STOPPED: u64 = 126;

/// Results for later calls.
static mut KEPT: [i64; SLOTS] = [0; SLOTS];
/// What the kernel left on the stack.
static mut STACK: *const u64 = core::ptr::null();

#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call {start}",
    start = sym start
);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x29, #0", "mov x0, sp", "bl {start}", start = sym start);

/// The kernel leaves the number of words and their addresses on the stack.
unsafe extern "C" fn start(stack: *const u64) -> ! {
    unsafe {
        STACK = stack;
        match *stack {
            2 => launch(*stack.add(2) as *const u8),
            _ => serve(),
        }
    }
}

unsafe fn launch(mut word: *const u8) -> ! {
    unsafe {
        let mut descriptor = 0;
        while *word != 0 {
            descriptor = descriptor * 10 + u64::from(*word - b'0');
            word = word.add(1);
        }
        if map(MAP_PRIVATE | MAP_FIXED, descriptor) < 0 {
            exit(STOPPED);
        }
        call(number::CLOSE, [descriptor, 0, 0, 0, 0, 0]);
        let header = BASE as *const Header;
        let slots = &raw mut KEPT;
        let mut at = 0;
        while at < (*header).steps {
            let step = &*steps().add(at as usize);
            let result = match step.call {
                FORK => fork(change(step), (*header).status as u64, (*header).report as u64),
                SERVE => {
                    attend(change(step), [step.arguments[1], step.arguments[2]], (*header).status as u64)
                }
                _ => make(step, slots),
            };
            let failed = is_failure(step, result);
            if failed && step.on_error != IGNORE {
                report((*header).report, at, result);
            }
            if failed && step.on_error == STOP {
                exit(STOPPED);
            }
            if step.slot != NO_SLOT {
                *slots.cast::<i64>().add(step.slot as usize) = result;
            }
            at += 1 + if failed { u64::from(step.skip) } else { 0 };
        }
        exit(STOPPED)
    }
}

unsafe fn steps() -> *mut Step {
    (BASE as usize + size_of::<Header>()) as *mut Step
}

/// At [`BASE`], private to this process.
unsafe fn map(kind: u64, descriptor: u64) -> i64 {
    unsafe { call(number::MMAP, [BASE, BYTES_MAX as u64, PROT_READ_WRITE, kind, descriptor, 0]) }
}

unsafe fn make(step: &Step, slots: *const [i64; SLOTS]) -> i64 {
    unsafe {
        let mut arguments = step.arguments;
        let mut index = 0;
        while index < 6 {
            if step.from_slots & (1 << index) != 0 {
                let argument = arguments.as_mut_ptr().add(index);
                *argument = *slots.cast::<i64>().add(*argument as usize) as u64;
            }
            index += 1;
        }
        match step.call {
            STORE => {
                (arguments[1] as *mut u32).write_unaligned(arguments[0] as u32);
                0
            }
            RECALL => {
                recall(arguments[0] as *mut u64, arguments[1] as usize);
                0
            }
            LOAD => i64::from((arguments[0] as *const u32).read_unaligned()),
            number => call(u64::from(number), arguments),
        }
    }
}

fn change(step: &Step) -> *const Change {
    step.arguments[0] as *const Change
}

fn is_failure(step: &Step, result: i64) -> bool {
    (-4095..0).contains(&result) || (step.zero_only != 0 && result != 0)
}

unsafe fn report(descriptor: i32, step: u64, result: i64) {
    let errno = if result < 0 { -result } else { -ESRCH };
    let words = [step as u32, errno as u32];
    unsafe { call(number::WRITE, [descriptor as u64, words.as_ptr() as u64, 8, 0, 0, 0]) };
}

unsafe fn recall(to: *mut u64, words: usize) {
    unsafe {
        to.write(STACK as u64);
        let mut at = 1;
        while at < words {
            to.add(at).write(STACK.add(at - 1).read());
            at += 1;
        }
    }
}

/// Returns in the child. This process keeps nothing open but what it tells the child's end to, and until the child is the guest,
/// what failures are reported to.
unsafe fn fork(change: *const Change, status: u64, failures: u64) -> i64 {
    unsafe {
        let child = call(number::CLONE, [SIGCHLD, 0, 0, 0, 0, 0]);
        if child <= 0 {
            return child;
        }
        keep_open(status, if change.is_null() { status } else { failures });
        let mut tracer = Tracer::new(change, failures);
        loop {
            let mut word = 0_u32;
            let ended = call(number::WAIT4, [u64::MAX, &raw mut word as u64, 0, 0, 0, 0]);
            if ended == child && tracer.attend(child as u64, word) {
                continue;
            }
            if ended == child {
                call(number::WRITE, [status, &raw const word as u64, 4, 0, 0, 0]);
            }
            if ended == child || ended < 0 {
                exit(0);
            }
        }
    }
}

/// Returns in every child, and in this process only when there can be none.
unsafe fn attend(change: *const Change, clone: [u64; 2], socket: u64) -> i64 {
    unsafe {
        loop {
            let mut request = 0_u8;
            let found = call(number::RECVFROM, [socket, &raw mut request as u64, 1, MSG_PEEK, 0, 0]);
            if found <= 0 {
                exit(0);
            }
            let child = call(number::CLONE3, [clone[0], clone[1], 0, 0, 0, 0]);
            if child <= 0 {
                return child;
            }
            let mut end = End { status: 0, failed: 0, used: [0; 18] };
            let (status, used) = (&raw mut end.status as u64, &raw mut end.used as u64);
            // Where failures are reported to only the child knows: its end tells them.
            let mut tracer = Tracer::new(change, u64::MAX);
            loop {
                if call(number::WAIT4, [child as u64, status, 0, used, 0, 0]) != child {
                    exit(STOPPED);
                }
                if !tracer.attend(child as u64, end.status) {
                    break;
                }
            }
            end.failed = tracer.failed;
            // It may have ended before it took the message: then there is no next run to tell from this one.
            let untaken = MSG_PEEK | MSG_DONTWAIT;
            if call(number::RECVFROM, [socket, &raw mut request as u64, 1, untaken, 0, 0]) > 0 {
                exit(STOPPED);
            }
            call(number::WRITE, [socket, &raw const end as u64, size_of::<End>() as u64, 0, 0, 0]);
        }
    }
}

/// Closes every descriptor but two, which may be one.
unsafe fn keep_open(one: u64, other: u64) {
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    unsafe {
        close_between(0, low);
        close_between(low + 1, high);
        close_between(high + 1, u64::from(u32::MAX) + 1);
    }
}

/// Closes the descriptors from one up to another. Before Linux 5.9 one by one, as far as an ordinary host has any.
unsafe fn close_between(first: u64, end: u64) {
    const ORDINARY: u64 = 1 << 16;
    unsafe {
        if first >= end || call(number::CLOSE_RANGE, [first, end - 1, 0, 0, 0, 0]) >= 0 {
            return;
        }
        let mut descriptor = first;
        while descriptor < end && descriptor < ORDINARY {
            call(number::CLOSE, [descriptor, 0, 0, 0, 0, 0]);
            descriptor += 1;
        }
    }
}

/// Reads an order, makes every call of it, and sends it back with the results in place of the first arguments.
unsafe fn serve() -> ! {
    unsafe {
        if map(MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, u64::MAX) < 0 {
            exit(STOPPED);
        }
        let header = BASE as *const Header;
        if !transfer(number::READ, size_of::<Header>() as u64, 0) || (*header).bytes > BYTES_MAX as u64 {
            exit(STOPPED);
        }
        if !transfer(number::READ, (*header).bytes, size_of::<Header>() as u64) {
            exit(STOPPED);
        }
        let slots = &raw mut KEPT;
        let mut at = 0;
        while at < (*header).steps {
            let step = &mut *steps().add(at as usize);
            let result = match step.call {
                FORK => fork_and_end(),
                _ => make(step, slots),
            };
            if step.slot != NO_SLOT {
                *slots.cast::<i64>().add(step.slot as usize) = result;
            }
            step.arguments[0] = result as u64;
            at += 1;
        }
        transfer(number::WRITE, (*header).bytes, 0);
        let mut end = 0_u8;
        call(number::READ, [SOCKET, &raw mut end as u64, 1, 0, 0, 0]);
        exit(0)
    }
}

/// All of the image from `done` up to `bytes`.
unsafe fn transfer(number: u64, bytes: u64, mut done: u64) -> bool {
    while done < bytes {
        let moved = unsafe { call(number, [SOCKET, BASE + done, bytes - done, 0, 0, 0]) };
        if moved <= 0 {
            return false;
        }
        done += moved as u64;
    }
    true
}

unsafe fn fork_and_end() -> i64 {
    unsafe {
        let child = call(number::CLONE, [SIGCHLD, 0, 0, 0, 0, 0]);
        if child == 0 {
            exit(0);
        }
        if child > 0 {
            call(number::WAIT4, [child as u64, 0, 0, 0, 0, 0]);
        }
        child
    }
}

/// The compiler may call these two where the source does not.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, value: i32, bytes: usize) -> *mut u8 {
    for at in 0..bytes {
        unsafe { to.add(at).write_volatile(value as u8) };
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, bytes: usize) -> *mut u8 {
    for at in 0..bytes {
        unsafe { to.add(at).write_volatile(from.add(at).read_volatile()) };
    }
    to
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(STOPPED)
}
