//! Names of files that go: a file that has lost its last one is never mistaken for a later file.
//!
//! File systems number a file as one that was there before whenever they like, and sooner where others
//! work beside; here each has a number of its own.

use std::ffi::{c_char, c_int, c_long, c_uint};

use super::files::{HERE, Named, named};
use super::real::libc;
use super::{errno, fail, number, syscall, world};

/// Of `unlinkat`: a folder is removed.
const FOLDER: c_int = 0x200;
/// Of `renameat2`: both names stay.
const EXCHANGE: c_uint = 2;

/// What a name stands for, in a world; `errno` stays.
fn standing_for(folder: c_int, path: *const c_char) -> Option<Named> {
    let (_, before) = (world()?, errno());
    let named = named(folder, path);
    fail(before);
    named
}

/// A call has gone well or not: what it took the last name of is no file any more.
fn gone(done: c_int, named: Option<Named>) -> c_int {
    if let (0, Some(Named { file: (device, number), is_last: true }), Some(world)) = (done, named, world()) {
        world.forget(device, number);
    }
    done
}

/// See `unlinkat(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int {
    let named = standing_for(folder, path);
    gone(libc!(unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int, or -1), named)
}

/// See `unlink(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: the caller's.
    unsafe { unlinkat(HERE, path, 0) }
}

/// See `rmdir(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn rmdir(path: *const c_char) -> c_int {
    // SAFETY: the caller's.
    unsafe { unlinkat(HERE, path, FOLDER) }
}

/// See `remove(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn remove(path: *const c_char) -> c_int {
    let named = standing_for(HERE, path);
    gone(libc!(remove(path: *const c_char) -> c_int, or -1), named)
}

/// See `renameat2(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn renameat2(
    from: c_int,
    old: *const c_char,
    to: c_int,
    new: *const c_char,
    flags: c_uint,
) -> c_int {
    let named = if flags & EXCHANGE == 0 { replaced([from, to], [old, new]) } else { None };
    let done = libc!(
        renameat2(from: c_int, old: *const c_char, to: c_int, new: *const c_char, flags: c_uint) -> c_int,
        or renamed([from, to], [old, new], flags)
    );
    gone(done, named)
}

/// The system call, for a libc that has no entry point for it (before glibc 2.28).
fn renamed(folders: [c_int; 2], paths: [*const c_char; 2], flags: c_uint) -> c_int {
    let [from, to] = folders.map(c_long::from);
    let [old, new] = paths.map(|path| path.expose_provenance() as c_long);
    syscall::real(number::RENAMEAT2, [from, old, to, new, flags.into(), 0]) as c_int
}

/// What has the new name before; nothing where that is the file itself.
fn replaced([from, to]: [c_int; 2], [old, new]: [*const c_char; 2]) -> Option<Named> {
    let named = standing_for(to, new)?;
    (standing_for(from, old)?.file != named.file).then_some(named)
}

/// See `renameat(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn renameat(
    from: c_int,
    old: *const c_char,
    to: c_int,
    new: *const c_char,
) -> c_int {
    let named = replaced([from, to], [old, new]);
    let done =
        libc!(renameat(from: c_int, old: *const c_char, to: c_int, new: *const c_char) -> c_int, or -1);
    gone(done, named)
}

/// See `rename(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn rename(old: *const c_char, new: *const c_char) -> c_int {
    // SAFETY: the caller's.
    unsafe { renameat(HERE, old, HERE, new) }
}
