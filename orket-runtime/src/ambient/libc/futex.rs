//! Waiting on a word of memory for a time: what std's locks and condition variables do.

use std::ffi::{c_int, c_long};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use orket_contract::ambient::Kind;

use super::clock::{Timespec, until};
use super::{fail, lives_alone, number, syscall, world};

const EAGAIN: c_int = 11;
const ETIMEDOUT: c_int = 110;

const WAIT: c_long = 0;
const WAIT_BITSET: c_long = 9;
const PRIVATE: c_long = 128;
/// The time is a date, for a wait that ends at a time.
const REALTIME: c_long = 256;

/// A wait that ends with a time; `None` for anything else, which is the kernel's.
///
/// Nobody can wake a thread that is alone: its time passes at once. With others it waits for as long as it
/// would have, by the machine's clock.
///
/// # Safety
/// The arguments are those of `futex(2)`.
pub(super) unsafe fn wait([word, operation, expected, time, other, bits]: [c_long; 6]) -> Option<c_long> {
    let world = world()?;
    let is_absolute = match operation & !(PRIVATE | REALTIME) {
        WAIT => false,
        WAIT_BITSET => true,
        _ => return None,
    };
    let time: *const Timespec = std::ptr::with_exposed_provenance(time.cast_unsigned() as usize);
    // What is no word of memory is refused by the kernel.
    if time.is_null() || word == 0 || word % 4 != 0 {
        return None;
    }
    // SAFETY: the caller's.
    let ns = unsafe { *time }.ns()?;
    let kind = if operation & REALTIME == 0 { Kind::MonotonicClock } else { Kind::WallClock };
    let left = if is_absolute { until(world, kind, ns) } else { ns };
    if lives_alone() {
        let place: *const AtomicU32 = std::ptr::with_exposed_provenance(word.cast_unsigned() as usize);
        // SAFETY: the caller's.
        if unsafe { &*place }.load(SeqCst) != expected as u32 {
            return Some(fail(EAGAIN).into());
        }
        world.pass(left);
        return Some(fail(ETIMEDOUT).into());
    }
    let relative = Timespec::of(left);
    let wait = [
        word,
        WAIT | operation & PRIVATE,
        expected,
        (&raw const relative).expose_provenance() as c_long,
        other,
        bits,
    ];
    let woken = syscall::real(number::FUTEX, wait);
    if woken == -1 && super::errno() == ETIMEDOUT {
        world.pass(left);
        return Some(fail(ETIMEDOUT).into());
    }
    Some(woken)
}
