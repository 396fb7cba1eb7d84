//! System calls as an attempt makes them: without a library that would ask for permission first.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

/// One system call with plain words as arguments.
macro_rules! call {
    ($number:expr $(, $argument:expr)* $(,)?) => {
        // SAFETY: every pointer that an attempt passes refers to a live value as large as the call reads or writes; whatever
        // else the call does to this process, the process ends with the attempt.
        $crate::sys::answer(unsafe { libc::syscall(($number) as libc::c_long $(, ($argument) as libc::c_long)*) })
    };
}
pub(crate) use call;

/// What a call answered.
pub(crate) fn answer(result: i64) -> io::Result<i64> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        answer => Ok(answer),
    }
}

/// A call that must not be carried out to its end: one of these errors comes only after the kernel has looked at the request
/// itself, so whoever gets it was allowed to ask.
pub(crate) fn reached<T>(result: io::Result<T>, errors: &[i32]) -> io::Result<()> {
    match result {
        Err(error) if error.raw_os_error().is_some_and(|code| errors.contains(&code)) => Ok(()),
        result => result.map(drop),
    }
}

/// It was done only if this holds: an answer alone may be made up.
pub(crate) fn shown(holds: bool) -> io::Result<()> {
    holds.then_some(()).ok_or_else(|| io::Error::from_raw_os_error(libc::EPERM))
}

/// The answer as a descriptor.
pub(crate) fn descriptor(result: io::Result<i64>) -> io::Result<OwnedFd> {
    let number = RawFd::try_from(result?).map_err(io::Error::other)?;
    // SAFETY: the kernel has just made this descriptor for the caller.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

pub(crate) fn path(path: impl AsRef<Path>) -> std::ffi::CString {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::CString::new(path.as_ref().as_os_str().as_bytes()).expect("a path has no null byte")
}

/// Opens relative to a folder, without `O_CLOEXEC` or `O_LARGEFILE` of a library.
pub(crate) fn open_at(folder: RawFd, name: impl AsRef<Path>, flags: i32) -> io::Result<OwnedFd> {
    let name = path(name);
    descriptor(call!(libc::SYS_openat, folder, name.as_ptr(), flags, 0o600))
}

pub(crate) fn open(name: impl AsRef<Path>, flags: i32) -> io::Result<OwnedFd> {
    open_at(libc::AT_FDCWD, name, flags)
}

pub(crate) fn socket(family: i32, kind: i32, protocol: i32) -> io::Result<OwnedFd> {
    descriptor(call!(libc::SYS_socket, family, kind, protocol))
}

/// A mapping at a place of the kernel's choice.
pub(crate) fn map(length: usize, rights: i32, flags: i32, file: RawFd) -> io::Result<*mut u8> {
    // SAFETY: no fixed address is asked for, so nothing that exists is replaced.
    let at = unsafe { libc::mmap(std::ptr::null_mut(), length, rights, flags, file, 0) };
    match at == libc::MAP_FAILED {
        true => Err(io::Error::last_os_error()),
        false => Ok(at.cast()),
    }
}

/// Maps that much and writes to each page.
pub(crate) fn fill(length: usize, flags: i32, file: RawFd) -> io::Result<()> {
    let at = map(length, libc::PROT_READ | libc::PROT_WRITE, flags, file)?;
    // SAFETY: the mapping is new, writable and that long.
    (0..length).step_by(4096).for_each(|offset| unsafe { at.add(offset).write_volatile(1) });
    Ok(())
}

/// Starts a process that does this and ends; gives its id.
pub(crate) fn fork(deed: impl FnOnce()) -> io::Result<i32> {
    // SAFETY: an attempt has one thread, so the child may do what it likes.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            deed();
            // SAFETY: it ends at once, without running what the parent has registered.
            unsafe { libc::_exit(0) }
        }
        child => Ok(child),
    }
}

/// Ends a process that the attempt has started, and waits for it.
pub(crate) fn end(child: i32) {
    // SAFETY: plain numbers; no status is asked for.
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, std::ptr::null_mut(), libc::__WALL);
    }
}

/// Becomes `echo done`, started from this file; returns only if that was refused.
pub(crate) fn become_echo(program: impl AsRef<Path>) -> io::Result<()> {
    let program = path(program);
    execute(program.as_ptr(), &[c"echo".as_ptr(), c"done".as_ptr(), std::ptr::null()])
}

pub(crate) fn execute(program: *const libc::c_char, words: &[*const libc::c_char]) -> io::Result<()> {
    let environment = [std::ptr::null::<libc::c_char>()];
    call!(libc::SYS_execve, program, words.as_ptr(), environment.as_ptr()).map(drop)
}

/// The same from a descriptor, whatever its path.
pub(crate) fn become_echo_of(file: &OwnedFd) -> io::Result<()> {
    let words = [c"echo".as_ptr(), c"done".as_ptr(), std::ptr::null()];
    let rest = [std::ptr::null::<libc::c_char>()];
    let (fd, flags) = (file.as_raw_fd(), libc::AT_EMPTY_PATH);
    call!(libc::SYS_execveat, fd, c"".as_ptr(), words.as_ptr(), rest.as_ptr(), flags).map(drop)
}
