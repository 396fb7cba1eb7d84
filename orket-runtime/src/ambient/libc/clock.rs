//! Time and waiting for it.

use std::ffi::{c_int, c_long, c_uint, c_void};

use orket_contract::ambient::Kind;

use super::real::libc;
use super::{EFAULT, EINVAL, World, fail, world};

const NS_PER_SEC: u64 = 1_000_000_000;

/// `struct timespec`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Timespec {
    pub(super) seconds: i64,
    pub(super) nanoseconds: c_long,
}

impl Timespec {
    pub(super) fn of(ns: u64) -> Self {
        Self { seconds: (ns / NS_PER_SEC).cast_signed(), nanoseconds: (ns % NS_PER_SEC).cast_signed() }
    }

    /// In nanoseconds; `None` when it is no time to wait for.
    pub(super) fn ns(self) -> Option<u64> {
        let seconds = u64::try_from(self.seconds).ok()?;
        let nanoseconds = u64::try_from(self.nanoseconds).ok().filter(|ns| *ns < NS_PER_SEC)?;
        Some(seconds.saturating_mul(NS_PER_SEC).saturating_add(nanoseconds))
    }
}

/// `struct timeval`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Timeval {
    seconds: i64,
    microseconds: c_long,
}

impl Timeval {
    pub(super) fn of(ns: u64) -> Self {
        let time = Timespec::of(ns);
        Self { seconds: time.seconds, microseconds: time.nanoseconds / 1_000 }
    }
}

/// What a clock of `clock_gettime` shows: the date, a time since some start, or work; `None` for no clock of this process.
fn kind(clock: c_int) -> Option<Kind> {
    match clock {
        0 | 5 | 8 | 11 => Some(Kind::WallClock),
        1 | 4 | 6 | 7 | 9 => Some(Kind::MonotonicClock),
        2 | 3 => Some(Kind::ProcessorTime),
        _ => None,
    }
}

fn look(world: &World, kind: Kind) -> u64 {
    if kind == Kind::WallClock { world.date() } else { world.look(kind) }
}

/// See `clock_gettime(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int {
    let Some(world) = world() else {
        return libc!(clock_gettime(clock: c_int, time: *mut Timespec) -> c_int, or -1);
    };
    let Some(kind) = kind(clock) else { return fail(EINVAL) };
    if time.is_null() {
        return fail(EFAULT);
    }
    // SAFETY: the caller's.
    unsafe { time.write(Timespec::of(look(world, kind))) };
    0
}

/// See `clock_getres(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn clock_getres(clock: c_int, step: *mut Timespec) -> c_int {
    if world().is_none() {
        return libc!(clock_getres(clock: c_int, step: *mut Timespec) -> c_int, or -1);
    }
    if kind(clock).is_none() {
        return fail(EINVAL);
    }
    if !step.is_null() {
        // SAFETY: the caller's.
        unsafe { step.write(Timespec::of(1)) };
    }
    0
}

/// See `gettimeofday(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn gettimeofday(time: *mut Timeval, zone: *mut c_void) -> c_int {
    let Some(world) = world() else {
        return libc!(gettimeofday(time: *mut Timeval, zone: *mut c_void) -> c_int, or -1);
    };
    if !time.is_null() {
        // SAFETY: the caller's.
        unsafe { time.write(Timeval::of(world.date())) };
    }
    if !zone.is_null() {
        // SAFETY: `struct timezone` are two numbers, both zero for UTC.
        unsafe { zone.cast::<[c_int; 2]>().write([0; 2]) };
    }
    0
}

/// See `time(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn time(at: *mut i64) -> i64 {
    let Some(world) = world() else { return libc!(time(at: *mut i64) -> i64, or -1) };
    let seconds = Timespec::of(world.date()).seconds;
    if !at.is_null() {
        // SAFETY: the caller's.
        unsafe { at.write(seconds) };
    }
    seconds
}

/// See `timespec_get(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn timespec_get(time: *mut Timespec, base: c_int) -> c_int {
    const UTC: c_int = 1;
    let Some(world) = world() else {
        return libc!(timespec_get(time: *mut Timespec, base: c_int) -> c_int, or 0);
    };
    if base != UTC || time.is_null() {
        return 0;
    }
    // SAFETY: the caller's.
    unsafe { time.write(Timespec::of(world.date())) };
    base
}

/// See `clock(3)`.
#[unsafe(no_mangle)]
extern "C" fn clock() -> c_long {
    let Some(world) = world() else { return libc!(clock() -> c_long, or -1) };
    (world.look(Kind::ProcessorTime) / 1_000).cast_signed()
}

/// See `times(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn times(work: *mut [c_long; 4]) -> c_long {
    /// A hundred in a second.
    const TICK_NS: u64 = 10_000_000;
    let Some(world) = world() else { return libc!(times(work: *mut [c_long; 4]) -> c_long, or -1) };
    let ticks = (world.look(Kind::ProcessorTime) / TICK_NS).cast_signed();
    if !work.is_null() {
        // SAFETY: the caller's.
        unsafe { work.write([ticks, 0, 0, 0]) };
    }
    ticks
}

/// `struct rusage`: work of the process, work for it, and fourteen counts.
#[repr(C)]
pub(super) struct Usage {
    user: Timeval,
    system: Timeval,
    counts: [c_long; 14],
}

/// See `getrusage(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn getrusage(who: c_int, usage: *mut Usage) -> c_int {
    let Some(world) = world() else {
        return libc!(getrusage(who: c_int, usage: *mut Usage) -> c_int, or -1);
    };
    if !(-1..=1).contains(&who) {
        return fail(EINVAL);
    }
    if usage.is_null() {
        return fail(EFAULT);
    }
    let worked = if who == -1 { 0 } else { world.look(Kind::ProcessorTime) };
    // SAFETY: the caller's.
    unsafe { usage.write(Usage { user: Timeval::of(worked), system: Timeval::of(0), counts: [0; 14] }) };
    0
}

/// See `nanosleep(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn nanosleep(wanted: *const Timespec, left: *mut Timespec) -> c_int {
    let Some(world) = world() else {
        return libc!(nanosleep(wanted: *const Timespec, left: *mut Timespec) -> c_int, or -1);
    };
    if wanted.is_null() {
        return fail(EFAULT);
    }
    // SAFETY: the caller's.
    let Some(ns) = unsafe { *wanted }.ns() else { return fail(EINVAL) };
    world.pass(ns);
    0
}

/// See `clock_nanosleep(2)`: it gives its error back.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn clock_nanosleep(
    clock: c_int,
    flags: c_int,
    wanted: *const Timespec,
    left: *mut Timespec,
) -> c_int {
    const ABSOLUTE: c_int = 1;
    let Some(world) = world() else {
        return libc!(clock_nanosleep(clock: c_int, flags: c_int, wanted: *const Timespec, left: *mut Timespec) -> c_int, or super::ENOSYS);
    };
    let Some(kind) = kind(clock) else { return EINVAL };
    if wanted.is_null() {
        return EFAULT;
    }
    // SAFETY: the caller's.
    let Some(ns) = unsafe { *wanted }.ns() else { return EINVAL };
    world.pass(if flags & ABSOLUTE == 0 { ns } else { until(world, kind, ns) });
    0
}

/// How long it is until a clock of this kind shows so much.
pub(super) fn until(world: &World, kind: Kind, shows: u64) -> u64 {
    let start = if kind == Kind::WallClock { world.start() } else { 0 };
    shows.saturating_sub(start).saturating_sub(world.time())
}

/// See `usleep(3)`.
#[unsafe(no_mangle)]
extern "C" fn usleep(microseconds: c_uint) -> c_int {
    let Some(world) = world() else { return libc!(usleep(microseconds: c_uint) -> c_int, or -1) };
    world.pass(u64::from(microseconds) * 1_000);
    0
}

/// See `sleep(3)`.
#[unsafe(no_mangle)]
extern "C" fn sleep(seconds: c_uint) -> c_uint {
    let Some(world) = world() else { return libc!(sleep(seconds: c_uint) -> c_uint, or seconds) };
    world.pass(u64::from(seconds) * NS_PER_SEC);
    0
}

/// See `poll(2)`: what is ready is so at once; else the time passes.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn poll(watched: *mut c_void, count: u64, timeout_ms: c_int) -> c_int {
    let real =
        |timeout_ms: c_int| libc!(poll(watched: *mut c_void, count: u64, timeout_ms: c_int) -> c_int, or -1);
    let wait = u64::try_from(timeout_ms).unwrap_or_default();
    let Some(world) = world().filter(|_| wait > 0) else { return real(timeout_ms) };
    let ready = real(0);
    if ready == 0 {
        world.pass(wait * 1_000_000);
    }
    ready
}
