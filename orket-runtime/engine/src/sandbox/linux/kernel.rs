//! The system calls that no safe wrapper exists for. All unsafe code of the engine is here.
//!
//! Nothing here decides anything: each function is one call, with the arguments checked by its type.
#![allow(unsafe_code)]

use super::super::confinement::Words;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

/// Closes every descriptor from `first` on.
///
/// Only for the launcher's very start, when nothing in this process owns a descriptor from `first` on.
pub(super) fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: closing affects no memory; that no owner of such a descriptor exists is the caller's promise, kept by calling
    // this before anything is opened.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    check(result).map(drop)
}

/// Whether `close_range` exists, found out with a range that holds nothing.
pub(super) fn has_close_range() -> io::Result<()> {
    close_from(u32::MAX)
}

/// Gives every signal its default action and unblocks all, so that nothing of the host's choices is inherited.
pub(super) fn reset_signals() -> io::Result<()> {
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: SIG_DFL installs no handler. SIGKILL, SIGSTOP and libc's own two signals refuse it, which is fine.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let mut none = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigemptyset initialises the set before sigprocmask reads it; the old mask is not asked for.
    let result = unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut())
    };
    check(result.into()).map(drop)
}

const PR_SET_MDWE: i32 = 65;
const PR_GET_MDWE: i32 = 66;
const MDWE_REFUSE_EXEC_GAIN: libc::c_ulong = 1;
/// Unused arguments must be zero in all 64 bits.
const NONE: libc::c_ulong = 0;

/// Refuses memory that is writable and executable, for this process and what it executes.
pub(super) fn refuse_exec_gain() -> io::Result<()> {
    // SAFETY: this prctl takes plain numbers.
    let result = unsafe { libc::prctl(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN, NONE, NONE, NONE) };
    check(result.into()).map(drop)
}

/// Whether [`refuse_exec_gain`] exists.
pub(super) fn has_refuse_exec_gain() -> io::Result<()> {
    // SAFETY: this prctl takes plain numbers.
    let result = unsafe { libc::prctl(PR_GET_MDWE, NONE, NONE, NONE, NONE) };
    check(result.into()).map(drop)
}

/// The version of Landlock that the kernel offers.
pub(super) fn landlock_version() -> io::Result<i64> {
    const VERSION: u32 = 1;
    let nothing = std::ptr::null::<u8>();
    // SAFETY: with this flag the kernel reads no attributes, so a null pointer of size 0 is what it asks for.
    let result = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, 0_usize, VERSION) };
    check(result)
}

/// Filters every further system call of this thread and what it executes.
pub(super) fn install_filter(program: &[libc::sock_filter]) -> io::Result<()> {
    let len = u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let filter = libc::sock_fprog { len, filter: program.as_ptr().cast_mut() };
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: the kernel copies `len` instructions from a slice that is alive during the call, and does not write to them.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, mode, 0, &raw const filter) };
    check(result).map(drop)
}

/// Whether the kernel can answer a filtered call with an error.
pub(super) fn has_filter() -> io::Result<()> {
    let (mode, action) = (libc::SECCOMP_GET_ACTION_AVAIL, libc::SECCOMP_RET_ERRNO);
    // SAFETY: the kernel reads one u32, which is alive during the call.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, mode, 0, &raw const action) };
    check(result).map(drop)
}

/// Becomes the program that `executable` refers to, whatever its path now shows, with these words and no others.
///
/// Returns only if that failed.
pub(super) fn execute(executable: BorrowedFd<'_>, name: &std::ffi::CStr, words: &Words) -> io::Error {
    let pointers = |words: &[std::ffi::CString]| words.iter().map(|word| word.as_ptr()).collect::<Vec<_>>();
    let (end, mut arguments) = (std::ptr::null(), vec![name.as_ptr()]);
    arguments.extend(pointers(&words.arguments));
    arguments.push(end);
    let mut environment = pointers(&words.environment);
    environment.push(end);
    // SAFETY: both arrays end with a null pointer and, like what they point to, live until the call returns or this program is
    // gone.
    unsafe {
        libc::syscall(
            libc::SYS_execveat,
            executable.as_raw_fd(),
            c"".as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
            libc::AT_EMPTY_PATH,
        )
    };
    io::Error::last_os_error()
}

/// What [`reap`] returns.
pub(super) struct Reaped {
    /// As `waitpid` encodes it.
    pub(super) status: i32,
    /// User and system time together.
    pub(super) cpu: Duration,
    /// The most memory that was resident.
    pub(super) resident_bytes_max: u64,
}

/// Waits for a child to end and removes it from the process table.
pub(super) fn reap(pid: rustix::process::Pid) -> io::Result<Reaped> {
    let mut status = 0;
    // SAFETY: rusage is plain numbers, for which zero is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers refer to live values of the types that the call writes.
        let result = unsafe { libc::wait4(pid.as_raw_pid(), &mut status, 0, &mut usage) };
        match check(result.into()) {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let span = |time: libc::timeval| {
        Duration::from_micros(u64::try_from(time.tv_sec * 1_000_000 + time.tv_usec).unwrap_or_default())
    };
    Ok(Reaped {
        status,
        cpu: span(usage.ru_utime) + span(usage.ru_stime),
        resident_bytes_max: u64::try_from(usage.ru_maxrss).unwrap_or_default() << 10,
    })
}

/// The processor time that a process has used, all of its threads together.
pub(super) fn cpu_time(pid: rustix::process::Pid) -> io::Result<Duration> {
    let mut clock: libc::clockid_t = 0;
    // SAFETY: the call writes one number, which is alive.
    let errno = unsafe { libc::clock_getcpuclockid(pid.as_raw_pid(), &mut clock) };
    if errno != 0 {
        return Err(io::Error::from_raw_os_error(errno));
    }
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one timespec, which is alive.
    let result = unsafe { libc::clock_gettime(clock, &mut time) };
    check(result.into())?;
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Ok(Duration::new(seconds.unwrap_or_default(), nanos.unwrap_or_default()))
}

/// The guest's end of the conversation, in a guest.
pub(super) fn conversation() -> std::os::unix::net::UnixStream {
    use std::os::fd::FromRawFd;
    // SAFETY: the launcher leaves this descriptor open for the guest alone; a process that is none gets errors from it.
    unsafe { std::os::unix::net::UnixStream::from_raw_fd(super::SOCKET_FD) }
}

/// Whether this process holds a descriptor of that number.
pub(super) fn is_open(descriptor: i32) -> bool {
    // SAFETY: the call only asks; a number that is no descriptor is its error.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) >= 0 }
}

/// Maps a page that is writable and executable, and unmaps it again.
pub(super) fn map_writable_executable() -> io::Result<()> {
    const PAGE: usize = 4096;
    let rights = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
    // SAFETY: a new private mapping at an address of the kernel's choice, which nothing else refers to and which is gone again.
    unsafe {
        let page =
            libc::mmap(std::ptr::null_mut(), PAGE, rights, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0);
        if page == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        libc::munmap(page, PAGE);
    }
    Ok(())
}

fn check(result: i64) -> io::Result<i64> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
