//! A library without libc that is loaded into ambient guests: clocks that are ahead, and entropy of one byte.
//!
//! It is told by the environment before anything else of the program runs, takes its own words out of there, and closes the
//! descriptor that it was loaded from, so that a program sees nothing of it but what it does.
#![no_std]
#![allow(clippy::missing_safety_doc)] // libc documents what is called in its place

use core::arch::asm;

#[cfg(target_arch = "x86_64")]
mod number {
    pub const CLOSE: u64 = 3;
    pub const CLOCK_GETTIME: u64 = 228;
    pub const GETRANDOM: u64 = 318;
}
#[cfg(target_arch = "aarch64")]
mod number {
    pub const CLOSE: u64 = 57;
    pub const CLOCK_GETTIME: u64 = 113;
    pub const GETRANDOM: u64 = 278;
}

/// The descriptor that the host left the library at, as the engine has it.
const DESCRIPTOR: u64 = 604;
/// Variables that say something to the loader, to libc or to this library, and nothing to a program.
const OWN: [&[u8]; 4] = [b"LD_PRELOAD=", b"GLIBC_TUNABLES=", AHEAD, ENTROPY];
const AHEAD: &[u8] = b"ORKET_AMBIENT_AHEAD=";
const ENTROPY: &[u8] = b"ORKET_AMBIENT_ENTROPY=";
const EINVAL: i64 = -22;
const SECOND: i64 = 1_000_000_000;

static mut AHEAD_NS: i64 = 0;
/// Above 255: none.
static mut BYTE: i64 = 256;

#[repr(C)]
pub struct Time {
    seconds: i64,
    fraction: i64,
}

#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: unsafe extern "C" fn(i32, *const *const u8, *mut *const u8) = begin;

unsafe extern "C" fn begin(_: i32, _: *const *const u8, environment: *mut *const u8) {
    unsafe {
        let (mut from, mut to) = (environment, environment);
        while !(*from).is_null() {
            if let Some(value) = after(*from, AHEAD) {
                AHEAD_NS = parsed(value);
            }
            if let Some(value) = after(*from, ENTROPY) {
                BYTE = parsed(value);
            }
            if !is_own(*from) {
                *to = *from;
                to = to.add(1);
            }
            from = from.add(1);
        }
        *to = core::ptr::null();
        call(number::CLOSE, [DESCRIPTOR, 0, 0]);
    }
}

unsafe fn is_own(text: *const u8) -> bool {
    let mut at = 0;
    while at < OWN.len() {
        if unsafe { after(text, OWN[at]) }.is_some() {
            return true;
        }
        at += 1;
    }
    false
}

unsafe fn after(text: *const u8, name: &[u8]) -> Option<*const u8> {
    unsafe {
        let mut at = 0;
        while at < name.len() {
            if *text.add(at) != *name.as_ptr().add(at) {
                return None;
            }
            at += 1;
        }
        Some(text.add(at))
    }
}

unsafe fn parsed(mut text: *const u8) -> i64 {
    unsafe {
        let is_negative = *text == b'-';
        if is_negative {
            text = text.add(1);
        }
        let mut value = 0_i64;
        while *text >= b'0' && *text <= b'9' {
            value = value.wrapping_mul(10).wrapping_add((*text - b'0') as i64);
            text = text.add(1);
        }
        if is_negative { -value } else { value }
    }
}

/// Whether a clock tells the time of day or since the machine began, and not what a process has used.
fn is_of_the_world(clock: i32) -> bool {
    matches!(clock, 0 | 1 | 4..=9 | 11)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: i32, time: *mut Time) -> i32 {
    unsafe {
        let result = call(number::CLOCK_GETTIME, [clock as u64, time as u64, 0]);
        if result < 0 {
            return failed(result);
        }
        if is_of_the_world(clock) {
            let shifted = (*time).fraction.wrapping_add(AHEAD_NS);
            (*time).seconds = (*time).seconds.wrapping_add(shifted.div_euclid(SECOND));
            (*time).fraction = shifted.rem_euclid(SECOND);
        }
        0
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(time: *mut Time, _: *mut u8) -> i32 {
    unsafe {
        if time.is_null() {
            return 0;
        }
        let result = clock_gettime(0, time);
        (*time).fraction /= 1000;
        result
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(told: *mut i64) -> i64 {
    unsafe {
        let mut now = Time { seconds: 0, fraction: 0 };
        clock_gettime(0, &mut now);
        if !told.is_null() {
            *told = now.seconds;
        }
        now.seconds
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(bytes: *mut u8, count: usize, flags: u32) -> isize {
    unsafe {
        if BYTE > 255 {
            let result = call(number::GETRANDOM, [bytes as u64, count as u64, flags as u64]);
            return if result < 0 { failed(result) as isize } else { result as isize };
        }
        let mut at = 0;
        while at < count {
            bytes.add(at).write_volatile(BYTE as u8);
            at += 1;
        }
        count as isize
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn getentropy(bytes: *mut u8, count: usize) -> i32 {
    unsafe {
        if count > 256 {
            return failed(EINVAL);
        }
        if getrandom(bytes, count, 0) == count as isize { 0 } else { -1 }
    }
}

unsafe extern "C" {
    fn __errno_location() -> *mut i32;
}

unsafe fn failed(result: i64) -> i32 {
    unsafe { *__errno_location() = -result as i32 };
    -1
}

#[cfg(target_arch = "x86_64")]
unsafe fn call(number: u64, arguments: [u64; 3]) -> i64 {
    let result;
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number as i64 => result,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack)
        );
    }
    result
}

#[cfg(target_arch = "aarch64")]
unsafe fn call(number: u64, arguments: [u64; 3]) -> i64 {
    let result;
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") arguments[0] as i64 => result,
            in("x1") arguments[1],
            in("x2") arguments[2],
            options(nostack)
        );
    }
    result
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
