//! The system calls that no safe wrapper exists for. All unsafe code of the engine is here.
//!
//! Nothing here decides anything: each function is one call, with the arguments checked by its type.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_int, c_void};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::ptr::{from_mut, null, null_mut};
use std::time::Duration;

/// Whether `close_range` exists, found out with a range that holds nothing.
pub(super) fn has_close_range() -> io::Result<()> {
    // SAFETY: no process can have a descriptor of that number, so nothing is closed.
    let result = unsafe { libc::syscall(libc::SYS_close_range, u32::MAX, u32::MAX, 0) };
    check(result).map(drop)
}

/// Whether this process may learn its execution domain; another value may still be refused to it.
pub(super) fn has_personality() -> io::Result<()> {
    const ASK: libc::c_ulong = 0xffff_ffff;
    // SAFETY: with this number the call changes nothing.
    let result = unsafe { libc::personality(ASK) };
    check(result.into()).map(drop)
}

const PR_GET_MDWE: i32 = 66;
/// Unused arguments must be zero in all 64 bits.
const NONE: libc::c_ulong = 0;

/// Whether memory can be kept from being both writable and executable.
pub(super) fn has_refuse_exec_gain() -> io::Result<()> {
    // SAFETY: this prctl takes plain numbers.
    let result = unsafe { libc::prctl(PR_GET_MDWE, NONE, NONE, NONE, NONE) };
    check(result.into()).map(drop)
}

/// The version of Landlock that the kernel offers.
pub(super) fn landlock_version() -> io::Result<i64> {
    const VERSION: u32 = 1;
    let nothing = null::<u8>();
    // SAFETY: with this flag the kernel reads no attributes, so a null pointer of size 0 is what it asks for.
    let result = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, 0_usize, VERSION) };
    check(result)
}

/// Whether the kernel can answer a filtered call with an error.
pub(super) fn has_filter() -> io::Result<()> {
    let (mode, action) = (libc::SECCOMP_GET_ACTION_AVAIL, libc::SECCOMP_RET_ERRNO);
    // SAFETY: the kernel reads one u32, which is alive during the call.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, mode, 0, &raw const action) };
    check(result).map(drop)
}

/// What [`reap`] returns.
#[derive(Debug, Clone, Copy)]
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

/// How a launcher is started.
pub(super) struct Start {
    /// The namespaces to begin in.
    pub(super) namespaces: c_int,
    /// The launcher's program.
    pub(super) launcher: RawFd,
    /// The order, by its number, as the launcher's argument.
    pub(super) order: CString,
    /// All that the launcher inherits.
    pub(super) inherited: Vec<RawFd>,
    /// User and group of a new user namespace.
    pub(super) maps: Option<[CString; 2]>,
}

/// Words are aligned as a stack must be. No page guards its end: 64 KiB is far more than a few calls need.
const STACK_WORDS: usize = 4096;

/// Starts a launcher without copying anything of this process: the child borrows its memory, and this thread waits, until the
/// child has become the launcher.
pub(super) fn start(start: &Start) -> io::Result<(rustix::process::Pid, OwnedFd)> {
    let mut stack = vec![0_u128; STACK_WORDS];
    let arguments = [c"orket-launcher".as_ptr(), start.order.as_ptr(), null()];
    let mut child = Child { start, arguments, environment: [null()], errno: 0 };
    let mut pidfd: RawFd = -1;
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD | start.namespaces;
    let all = u64::MAX;
    let mut before = 0_u64;
    // SAFETY: `child` and the stack outlive the child's use of them, because this thread sleeps meanwhile; no signal handler can
    // run in the child, because all signals are blocked; `become_launcher` neither allocates nor locks. The masks are 8 bytes.
    let pid = unsafe {
        let mask = libc::SYS_rt_sigprocmask;
        libc::syscall(mask, libc::SIG_SETMASK, &raw const all, &raw mut before, size_of::<u64>());
        let top = stack.as_mut_ptr().add(STACK_WORDS).cast();
        let pid = libc::clone(become_launcher, top, flags, from_mut(&mut child).cast(), &raw mut pidfd);
        let error = io::Error::last_os_error();
        libc::syscall(mask, libc::SIG_SETMASK, &raw const before, null_mut::<u64>(), size_of::<u64>());
        if pid < 0 {
            return Err(error);
        }
        pid
    };
    // SAFETY: the kernel made this descriptor for this call alone.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    let pid = rustix::process::Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidData)?;
    match child.errno {
        0 => Ok((pid, pidfd)),
        errno => {
            reap(pid)?;
            Err(io::Error::from_raw_os_error(errno))
        }
    }
}

/// What the child of [`start`] finds.
struct Child<'a> {
    start: &'a Start,
    arguments: [*const c_char; 3],
    environment: [*const c_char; 1],
    errno: c_int,
}

extern "C" fn become_launcher(child: *mut c_void) -> c_int {
    // SAFETY: `start` passes a `Child` that lives and that nothing else uses until this process is another program or gone.
    unsafe {
        let child = &mut *child.cast::<Child<'_>>();
        let start = child.start;
        for descriptor in &start.inherited {
            libc::fcntl(*descriptor, libc::F_SETFD, 0);
        }
        if let Some([user, group]) = &start.maps {
            let mapped = put(c"/proc/self/setgroups", c"deny")
                && put(c"/proc/self/uid_map", user)
                && put(c"/proc/self/gid_map", group);
            if !mapped {
                child.errno = *libc::__errno_location();
                libc::_exit(1);
            }
            keep_capabilities();
        }
        let (arguments, environment) = (child.arguments.as_ptr(), child.environment.as_ptr());
        let (call, flags) = (libc::SYS_execveat, libc::AT_EMPTY_PATH);
        libc::syscall(call, start.launcher, c"".as_ptr(), arguments, environment, flags);
        child.errno = *libc::__errno_location();
        libc::_exit(1)
    }
}

/// Writes a setting of this process.
unsafe fn put(path: &std::ffi::CStr, text: &std::ffi::CStr) -> bool {
    // SAFETY: both strings live during the calls.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        let bytes = text.count_bytes();
        file >= 0
            && libc::write(file, text.as_ptr().cast(), bytes) == bytes.cast_signed()
            && libc::close(file) == 0
    }
}

/// Lets the capabilities of a new user namespace survive the change to the launcher, which is not its root.
unsafe fn keep_capabilities() {
    const VERSION_3: u32 = 0x2008_0522;
    let header = [VERSION_3, 0];
    let mut sets = [0_u32; 6];
    // SAFETY: header and sets are as large as the calls say, and live during them.
    unsafe {
        libc::syscall(libc::SYS_capget, header.as_ptr(), sets.as_mut_ptr());
        (sets[2], sets[5]) = (sets[1], sets[4]);
        libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr());
        for capability in 0..64 {
            libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE, capability, 0, 0);
        }
    }
}

fn check(result: i64) -> io::Result<i64> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
