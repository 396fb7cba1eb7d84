//! `syscall(2)` of libc: the system calls that have an entry point of their own here are that.
//!
//! In C it takes any number of arguments. They come in the registers, and the seventh on the stack, of
//! a function that takes seven, whether the caller has given so many or not.

use std::ffi::{c_int, c_long, c_uint, c_void};

use super::real::libc;
use super::{clock, company, entropy, files, futex, machine, names, number, world};

/// Makes a system call through libc itself.
pub(super) fn real(number: c_long, [a, b, c, d, e, f]: [c_long; 6]) -> c_long {
    libc!(syscall(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long, or -1)
}

/// See `syscall(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn syscall(
    number: c_long,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
    e: c_long,
    f: c_long,
) -> c_long {
    let arguments = [a, b, c, d, e, f];
    if world().is_none() {
        return real(number, arguments);
    }
    // SAFETY: the caller's.
    unsafe { answered(number, arguments) }.unwrap_or_else(|| {
        let answer = real(number, arguments);
        company::answered(number, a, answer);
        answer
    })
}

fn at<T>(address: c_long) -> *mut T {
    std::ptr::with_exposed_provenance_mut(address.cast_unsigned() as usize)
}

/// The answer of the entry point that is this call; `None` when there is none.
///
/// # Safety
/// The arguments are those of the call.
unsafe fn answered(number: c_long, [a, b, c, d, e, f]: [c_long; 6]) -> Option<c_long> {
    // SAFETY: the caller's; each entry point takes the arguments of its call.
    let answer = unsafe {
        match number {
            number::GETRANDOM => return Some(entropy::getrandom(at(a), b as usize, c as c_uint) as c_long),
            number::TIME => return Some(clock::time(at(a))),
            number::FUTEX => return futex::wait([a, b, c, d, e, f]),
            number::GETUID => return Some(machine::getuid().into()),
            number::GETGID => return Some(machine::getgid().into()),
            number::GETEUID => return Some(machine::geteuid().into()),
            number::GETEGID => return Some(machine::getegid().into()),
            number::CLOCK_GETTIME => clock::clock_gettime(a as c_int, at(b)),
            number::CLOCK_GETRES => clock::clock_getres(a as c_int, at(b)),
            number::GETTIMEOFDAY => clock::gettimeofday(at(a), at(b)),
            number::GETRUSAGE => clock::getrusage(a as c_int, at(b)),
            number::NANOSLEEP => clock::nanosleep(at(a), at(b)),
            number::CLOCK_NANOSLEEP => match clock::clock_nanosleep(a as c_int, b as c_int, at(c), at(d)) {
                0 => 0,
                errno => super::fail(errno),
            },
            number::GETPID => machine::getpid(),
            number::GETPPID => machine::getppid(),
            number::GETTID => machine::gettid(),
            number::UNAME => machine::uname(at(a)),
            number::SYSINFO => machine::sysinfo(at(a)),
            number::SCHED_GETAFFINITY => machine::affinity(b as usize, at::<c_void>(c))?,
            number::GETCPU => machine::getcpu(at(a), at(b))?,
            number::STAT => files::stat(at(a), at(b)),
            number::LSTAT => files::lstat(at(a), at(b)),
            number::FSTAT => files::fstat(a as c_int, at(b)),
            number::NEWFSTATAT => files::fstatat(a as c_int, at(b), at(c), d as c_int),
            number::STATX => files::statx(a as c_int, at(b), c as c_int, d as c_uint, at(e)),
            number::UNLINK => names::unlink(at(a)),
            number::RMDIR => names::rmdir(at(a)),
            number::RENAME => names::rename(at(a), at(b)),
            number::UNLINKAT => names::unlinkat(a as c_int, at(b), c as c_int),
            number::RENAMEAT => names::renameat(a as c_int, at(b), c as c_int, at(d)),
            number::RENAMEAT2 => names::renameat2(a as c_int, at(b), c as c_int, at(d), e as c_uint),
            _ => return None,
        }
    };
    Some(c_long::from(answer))
}
