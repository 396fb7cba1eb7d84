//! What tells one run or machine from another: addresses, what the kernel says at the start, its clocks and entropy, the processor.

use crate::attempt::{Attempt, attempt};
use crate::sys::{call, shown};

/// The address from which a stack without chance grows down.
const STACK_TOP: usize = if cfg!(target_arch = "x86_64") { 0x7fff_ffff_f000 } else { 0x1_0000_0000_0000 };
/// Far more than a guest's words and frames take.
const NEAR: usize = 1 << 20;
/// Where the kernel puts a program that may lie anywhere, without chance.
const CODE: usize = if cfg!(target_arch = "x86_64") { 0x5555_5555_4000 } else { 0xaaaa_aaaa_a000 };
/// More than the program and its heap have.
const PROGRAM: usize = 256 << 20;
/// The entry of the start-vector that says where the vDSO is.
const AT_SYSINFO_EHDR: u64 = 33;

pub(crate) const ADDRESSES: &[Attempt] = &[
    attempt("stack-by-chance", |_| {
        let here = 0_u8;
        far(&raw const here as usize, STACK_TOP - NEAR)
    })
    .given(CHANCE),
    attempt("code-by-chance", |_| far(repeat as *const () as usize, CODE)).given(CHANCE),
    attempt("heap-by-chance", |_| far(usize::try_from(call!(libc::SYS_brk, 0)?).unwrap_or_default(), CODE))
        .given(CHANCE),
    attempt("library-by-chance", |_| far(libc::getpid as *const () as usize, STACK_TOP - PROGRAM))
        .given(CHANCE),
    attempt("chance-switched-on", |_| call!(libc::SYS_personality, 0).map(drop)),
];

const CHANCE: &str = "a kernel that places programs by chance";

/// Whether an address lies elsewhere than in the megabytes from `place` on.
fn far(address: usize, place: usize) -> std::io::Result<()> {
    shown(!(place..place + PROGRAM).contains(&address))
}

/// Lies in the program's code.
fn repeat() {}

pub(crate) const START: &[Attempt] = &[
    attempt("vdso-by-start-vector", |_| shown(told(AT_SYSINFO_EHDR) != 0)),
    attempt("start-vector-by-call", |_| {
        const PR_GET_AUXV: i32 = 0x4155_5856;
        let mut vector = [0_u64; 128];
        call!(libc::SYS_prctl, PR_GET_AUXV, vector.as_mut_ptr(), size_of_val(&vector), 0, 0).map(drop)
    })
    .given("Linux 6.4"),
    attempt("random-bytes-of-start", |_| {
        let bytes = told(libc::AT_RANDOM) as *const [u8; 16];
        // SAFETY: the kernel gives every program such bytes.
        shown(!bytes.is_null() && unsafe { bytes.read() } != *b"orket/no-chance!")
    }),
    attempt("features-of-start", |_| shown(told(libc::AT_HWCAP2) != 0))
        .given("a processor with newer features"),
    attempt("user-of-start", |_| shown(told(libc::AT_UID) != 1000)),
];

/// What the start-vector says.
fn told(kind: u64) -> u64 {
    // SAFETY: plain numbers; what is not there is 0.
    unsafe { libc::getauxval(kind) }
}

pub(crate) const MOMENT: &[Attempt] = &[
    attempt("clock-of-the-day", |_| clock(libc::CLOCK_REALTIME)),
    attempt("clock-of-the-machine", |_| clock(libc::CLOCK_MONOTONIC)),
    attempt("clock-since-boot", |_| clock(libc::CLOCK_BOOTTIME)),
    attempt("clock-of-the-process", |_| clock(libc::CLOCK_PROCESS_CPUTIME_ID)),
    attempt("clock-in-seconds", |_| clock(libc::CLOCK_REALTIME_COARSE)),
    attempt("clock-resolution", |_| {
        let mut time = [0_i64; 2];
        call!(libc::SYS_clock_getres, libc::CLOCK_REALTIME_COARSE, time.as_mut_ptr()).map(drop)
    }),
    attempt("time-of-day", |_| {
        let mut time = [0_i64; 2];
        call!(libc::SYS_gettimeofday, time.as_mut_ptr(), 0).map(drop)
    }),
    attempt("entropy", |_| entropy(0)),
    attempt("entropy-that-never-waits", |_| entropy(libc::GRND_NONBLOCK)),
    attempt("entropy-for-hash-tables", |_| entropy(libc::GRND_INSECURE)),
    attempt("memory-and-uptime", |_| {
        let mut facts = [0_u64; 16];
        call!(libc::SYS_sysinfo, facts.as_mut_ptr()).map(drop)
    }),
    attempt("processors", |_| {
        let mut set = [0_u64; 128];
        call!(libc::SYS_sched_getaffinity, 0, size_of_val(&set), set.as_mut_ptr()).map(drop)
    }),
    attempt("use-of-the-processor", |_| {
        let mut usage = [0_u64; 18];
        call!(libc::SYS_getrusage, libc::RUSAGE_SELF, usage.as_mut_ptr()).map(drop)
    }),
    attempt("time-in-ticks", |_| {
        let mut times = [0_u64; 4];
        call!(libc::SYS_times, times.as_mut_ptr()).map(drop)
    }),
    attempt("sleep", |_| {
        let time = [0_i64, 1];
        call!(libc::SYS_nanosleep, time.as_ptr(), 0).map(drop)
    }),
    attempt("sleep-by-a-clock", |_| {
        let time = [0_i64, 1];
        call!(libc::SYS_clock_nanosleep, libc::CLOCK_MONOTONIC, 0, time.as_ptr(), 0).map(drop)
    }),
    #[cfg(target_arch = "x86_64")]
    attempt("seconds", |_| call!(libc::SYS_time, 0).map(drop)),
    attempt("counter", |_| shown(counter() != 0)),
    #[cfg(target_arch = "x86_64")]
    attempt("counter-and-processor", |_| {
        let mut number = 0;
        // SAFETY: as above; the number is alive.
        let counter = unsafe { std::arch::x86_64::__rdtscp(&raw mut number) };
        shown(counter != 0)
    })
    .given("a processor with RDTSCP"),
    #[cfg(target_arch = "x86_64")]
    attempt("counter-switched-on", |_| {
        call!(libc::SYS_prctl, libc::PR_SET_TSC, libc::PR_TSC_ENABLE, 0, 0, 0).map(drop)
    }),
];

fn clock(clock: i32) -> std::io::Result<()> {
    let mut time = [0_i64; 2];
    call!(libc::SYS_clock_gettime, clock, time.as_mut_ptr()).map(drop)
}

fn entropy(flags: u32) -> std::io::Result<()> {
    let mut bytes = [0_u8; 16];
    call!(libc::SYS_getrandom, bytes.as_mut_ptr(), bytes.len(), flags).map(drop)
}

/// The counter of the processor.
fn counter() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reads a register.
    return unsafe { std::arch::x86_64::_rdtsc() };
    #[cfg(target_arch = "aarch64")]
    {
        let counter: u64;
        // SAFETY: reads a register.
        unsafe { std::arch::asm!("mrs {}, cntvct_el0", out(reg) counter) };
        counter
    }
}
