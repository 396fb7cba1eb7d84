//! What depends on who comes first: threads, processes, signals.

use crate::{answered, seen};
use orket_runtime::prelude::*;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

const THREADS: u64 = 4;

fn work(rounds: u64) -> u64 {
    (0..rounds).fold(1, |sum, n| std::hint::black_box(sum.rotate_left(5) ^ n))
}

/// The order in which threads come to an end.
#[workload]
pub fn thread_order(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let order = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for id in 0..THREADS {
            let order = &order;
            scope.spawn(move || {
                for _ in 0..4 {
                    work(20_000);
                    order.lock().expect("nobody panicked").push(id);
                }
            });
        }
    });
    seen(order)
}

/// Which thread is the first.
#[workload]
pub fn first_wins(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let (sender, receiver) = mpsc::channel();
    for id in 0..THREADS {
        let sender = sender.clone();
        thread::spawn(move || {
            work(50_000);
            sender.send(id)
        });
    }
    seen(receiver.recv()?)
}

/// A sum of fractions in the order in which threads come to an end.
#[workload]
pub fn parallel_sum(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let sum = Mutex::new(0.1_f64);
    thread::scope(|scope| {
        for id in 0..8_u32 {
            let sum = &sum;
            scope.spawn(move || {
                for n in 1..200 {
                    work(100);
                    *sum.lock().expect("nobody panicked") += 1.0 / f64::from(n * (id + 1));
                }
            });
        }
    });
    seen(sum.into_inner().map(f64::to_bits))
}

/// A counter that threads read and write without asking each other.
#[workload]
pub fn data_race(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let counter = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..400_000 {
                    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                }
            });
        }
    });
    seen(counter)
}

/// The numbers that threads have to the kernel.
#[workload]
pub fn thread_ids(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: it has no arguments.
    let number = || unsafe { libc::syscall(libc::SYS_gettid) };
    seen(thread::Builder::new().spawn(number)?.join().ok())
}

/// The number of a child.
#[workload]
pub fn fork_pid(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: the child ends at once.
    let child = answered(unsafe { libc::fork() })?;
    if child == 0 {
        // SAFETY: nothing of this process is touched.
        unsafe { libc::_exit(0) };
    }
    seen(child)
}

/// What another program says.
#[workload]
pub fn other_program(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(Command::new("/bin/date").arg("+%N").output()?.stdout)
}

static ROUNDS: AtomicU64 = AtomicU64::new(0);
static REACHED: AtomicU64 = AtomicU64::new(0);

extern "C" fn reached(_: i32) {
    REACHED.store(ROUNDS.load(Ordering::Relaxed), Ordering::Relaxed);
}

/// How far a loop is when an alarm goes off.
#[workload]
pub fn alarm_count(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: a handler that does nothing but store a number.
    unsafe { libc::signal(libc::SIGALRM, reached as *const () as usize) };
    let soon = [0_i64, 0, 0, 500];
    // SAFETY: the place has the form of an `itimerval`.
    answered(unsafe { libc::setitimer(libc::ITIMER_REAL, soon.as_ptr().cast(), std::ptr::null_mut()) })?;
    while REACHED.load(Ordering::Relaxed) == 0 && ROUNDS.fetch_add(1, Ordering::Relaxed) < 1 << 28 {}
    seen(REACHED.load(Ordering::Relaxed))
}

/// How often a timer has gone off meanwhile.
#[workload]
pub fn timer_file(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers.
    let file = i32::try_from(answered(unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, 0) })?)?;
    let every = [0_i64, 1000, 0, 1000];
    // SAFETY: the place has the form of an `itimerspec`.
    answered(unsafe { libc::timerfd_settime(file, 0, every.as_ptr().cast(), std::ptr::null_mut()) })?;
    work(2_000_000);
    let mut count = 0_u64;
    // SAFETY: eight bytes, as it gives.
    answered(unsafe { libc::read(file, (&raw mut count).cast(), 8) })?;
    seen(count)
}
