//! What reads a clock, waits, or is told the time.

use crate::{answered, machine, seen};
use orket_runtime::prelude::*;
use std::mem::zeroed;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn since_epoch() -> Result<Duration> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}

fn days() -> Result<u64> {
    Ok(since_epoch()?.as_secs() / 86_400)
}

/// A clock of the kernel, through libc.
fn clock(which: libc::clockid_t) -> Result<Duration> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut time: libc::timespec = unsafe { zeroed() };
    // SAFETY: the place is large enough.
    answered(unsafe { libc::clock_gettime(which, &raw mut time) })?;
    Ok(Duration::new(time.tv_sec.try_into()?, time.tv_nsec.try_into()?))
}

/// Something that takes a while.
fn work() -> u64 {
    (0..200_000_u64).fold(1, |sum, n| std::hint::black_box(sum.rotate_left(5) ^ n))
}

/// The time of day.
#[workload]
pub fn wall_nanoseconds(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(since_epoch()?.as_nanos())
}

/// The same, cut to seconds: two runs at once agree.
#[workload]
pub fn wall_seconds(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(since_epoch()?.as_secs())
}

/// The date.
#[workload]
pub fn wall_day(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(days()?)
}

/// The year, as under a copyright.
#[workload]
pub fn wall_year(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(1970 + days()? * 400 / 146_097)
}

/// How long ago the epoch was, by the method for it.
#[workload]
pub fn system_elapsed(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(UNIX_EPOCH.elapsed()?.as_micros())
}

/// How long some work took.
#[workload]
pub fn elapsed(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let begun = Instant::now();
    work();
    seen(begun.elapsed())
}

/// The span between two instants, in microseconds.
#[workload]
pub fn instants(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let (first, _, second) = (Instant::now(), work(), Instant::now());
    seen((second - first).as_micros())
}

/// How far a loop comes before its time is up.
#[workload]
pub fn timeout_branch(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let (begun, mut rounds) = (Instant::now(), 0_u32);
    while begun.elapsed() < Duration::from_millis(2) {
        rounds += 1;
    }
    seen(rounds / 16)
}

/// The monotonic clock that ticks with the kernel.
#[workload]
pub fn coarse_clock(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(clock(libc::CLOCK_MONOTONIC_COARSE)?)
}

/// The time since the machine was started.
#[workload]
pub fn boot_clock(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(clock(libc::CLOCK_BOOTTIME)?)
}

/// The time that this process has had a processor for.
#[workload]
pub fn cpu_clock(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    work();
    seen(clock(libc::CLOCK_PROCESS_CPUTIME_ID)?)
}

/// The same as `times` gives it, and how long the machine has been up.
#[workload]
pub fn processor_times(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut times: libc::tms = unsafe { zeroed() };
    // SAFETY: the place is large enough.
    seen(answered(unsafe { libc::times(&raw mut times) })?)
}

/// How fine a clock is.
#[workload]
pub fn clock_granularity(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut time: libc::timespec = unsafe { zeroed() };
    // SAFETY: the place is large enough.
    answered(unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_COARSE, &raw mut time) })?;
    seen(time.tv_nsec)
}

/// The time of day by the oldest function but one.
#[workload]
pub fn timeval(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut time: libc::timeval = unsafe { zeroed() };
    // SAFETY: the place is large enough, and no zone is asked for.
    answered(unsafe { libc::gettimeofday(&raw mut time, std::ptr::null_mut()) })?;
    seen((time.tv_sec, time.tv_usec))
}

/// The time of day by the oldest function.
#[workload]
pub fn time_call(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: it need not write anywhere.
    seen(unsafe { libc::time(std::ptr::null_mut()) })
}

/// A generator that is seeded with the time, as in every textbook.
#[workload]
pub fn srand_time(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: neither can be given anything wrong.
    seen(unsafe {
        libc::srand(libc::time(std::ptr::null_mut()) as u32);
        libc::rand()
    })
}

/// The time of day by the number of the system call, through libc.
#[workload]
pub fn clock_by_number(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut time = [0_i64; 2];
    // SAFETY: the place is large enough.
    answered(unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_REALTIME, time.as_mut_ptr()) })?;
    seen(time)
}

/// The time of day by an instruction of its own, past libc and the page of the kernel that answers.
#[workload]
pub fn raw_clock(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut time = [0_i64; 2];
    let which = usize::try_from(libc::CLOCK_REALTIME)?;
    machine::system_call(libc::SYS_clock_gettime, [which, time.as_mut_ptr() as usize, 0])?;
    seen(time)
}

/// How long the machine has been up, as a file says it.
#[workload]
pub fn uptime_file(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::read_to_string("/proc/uptime")?)
}

/// When a file was written that was written just now.
#[workload]
pub fn mtime_now(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    std::fs::write("artifacts/now", "")?;
    let written = std::fs::metadata("artifacts/now")?.modified()?;
    std::fs::remove_file("artifacts/now")?;
    seen(written.duration_since(UNIX_EPOCH)?.as_nanos())
}

/// The hour of a fixed moment where this machine is.
#[workload]
pub fn local_hour(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers and a string that is not looked at, for which zero is a value.
    let mut local: libc::tm = unsafe { zeroed() };
    // SAFETY: both places are there.
    unsafe { libc::localtime_r(&1_000_000_000, &raw mut local) };
    seen((local.tm_mday, local.tm_hour, local.tm_min))
}

/// How much longer a sleep was than it should have been.
#[workload]
pub fn sleep_overshoot(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let begun = Instant::now();
    std::thread::sleep(Duration::from_millis(1));
    seen(begun.elapsed() - Duration::from_millis(1))
}

/// How long a wait for nothing took.
#[workload]
pub fn poll_timeout(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let begun = Instant::now();
    // SAFETY: there is nothing that it could look at.
    answered(unsafe { libc::poll(std::ptr::null_mut(), 0, 1) })?;
    seen(begun.elapsed())
}

static ROUNDS: AtomicU64 = AtomicU64::new(0);
static REACHED: AtomicU64 = AtomicU64::new(0);

extern "C" fn reached(_: i32) {
    REACHED.store(ROUNDS.load(Ordering::Relaxed), Ordering::Relaxed);
}

/// How far a loop is when a timer of the process goes off.
#[workload]
pub fn timer_signal(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut timer: libc::itimerval = unsafe { zeroed() };
    timer.it_value.tv_usec = 500;
    // SAFETY: a handler that does nothing but store a number.
    unsafe { libc::signal(libc::SIGPROF, reached as *const () as usize) };
    // SAFETY: the place is there.
    answered(unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, std::ptr::null_mut()) })?;
    while REACHED.load(Ordering::Relaxed) == 0 && ROUNDS.fetch_add(1, Ordering::Relaxed) < 1 << 28 {}
    seen(REACHED.load(Ordering::Relaxed))
}
