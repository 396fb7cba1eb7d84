//! Random bytes.

use std::ffi::{c_int, c_uint, c_void};
use std::slice;

use super::real::libc;
use super::{EFAULT, EINVAL, EIO, errno, fail, world};

const EINTR: c_int = 4;
const EAGAIN: c_int = 11;
/// What `getrandom` may be asked for besides bytes.
const FLAGS: c_uint = 0b111;
/// The most bytes that it gives at once.
const BYTES_MAX: usize = (1 << 25) - 1;

/// The most bytes that `getentropy` gives.
const ENTROPY_MAX: usize = 256;

/// Fills a buffer from the world's stream; false when it is none.
///
/// # Safety
/// So many bytes can be written there, if it is not null.
unsafe fn fill(buffer: *mut c_void, length: usize) -> Option<bool> {
    let world = world()?;
    // Nothing is drawn by those who ask whether there is entropy.
    if length == 0 || buffer.is_null() {
        return Some(length == 0);
    }
    // SAFETY: the caller's.
    let bytes = unsafe { slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
    world.draw(bytes);
    Some(true)
}

/// See `getrandom(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, flags: c_uint) -> isize {
    if world().is_some() && flags & !FLAGS != 0 {
        return fail(EINVAL) as isize;
    }
    // As the kernel does.
    let length = if world().is_some() { length.min(BYTES_MAX) } else { length };
    // SAFETY: the caller's.
    match unsafe { fill(buffer, length) } {
        Some(true) => length.cast_signed(),
        Some(false) => fail(EFAULT) as isize,
        None => libc!(getrandom(buffer: *mut c_void, length: usize, flags: c_uint) -> isize, or -1),
    }
}

/// See `getentropy(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn getentropy(buffer: *mut c_void, length: usize) -> c_int {
    if world().is_some() && length > ENTROPY_MAX {
        return fail(EIO);
    }
    // SAFETY: the caller's.
    match unsafe { fill(buffer, length) } {
        Some(true) => 0,
        Some(false) => fail(EFAULT),
        None => libc!(getentropy(buffer: *mut c_void, length: usize) -> c_int, or -1),
    }
}

/// See `arc4random(3)`; before glibc 2.36 there is none, and this stands in for it.
#[unsafe(no_mangle)]
extern "C" fn arc4random() -> u32 {
    let mut bytes = [0_u8; 4];
    // SAFETY: four bytes.
    unsafe { arc4random_buf(bytes.as_mut_ptr().cast(), bytes.len()) };
    u32::from_ne_bytes(bytes)
}

/// See `arc4random(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn arc4random_buf(buffer: *mut c_void, length: usize) {
    let mut filled = 0;
    while filled < length {
        // SAFETY: the rest of the caller's.
        let more = unsafe { getrandom(buffer.byte_add(filled), length - filled, 0) };
        match usize::try_from(more) {
            Ok(more) => filled += more,
            Err(_) if matches!(errno(), EINTR | EAGAIN) => {}
            // It has no way to say that there is no entropy, and nobody may go on as if there were.
            Err(_) => std::process::abort(),
        }
    }
}

/// See `arc4random(3)`.
#[unsafe(no_mangle)]
extern "C" fn arc4random_uniform(bound: u32) -> u32 {
    if bound < 2 {
        return 0;
    }
    let excess = bound.wrapping_neg() % bound;
    loop {
        let drawn = arc4random();
        if drawn >= excess {
            return drawn % bound;
        }
    }
}
