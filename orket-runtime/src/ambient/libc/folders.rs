//! The entries of a folder, sorted by name: each file system has an order of its own.
//!
//! Unlike every other answer this one takes memory, and a lock: what a folder holds is read when its first entry is asked for.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::real::libc;
use super::{World, errno, fail, files, world};

/// `struct dirent`, and `struct dirent64`, which is the same.
#[repr(C)]
pub(super) struct Entry {
    number: u64,
    offset: i64,
    length: u16,
    kind: u8,
    name: [c_char; 256],
}

impl Entry {
    fn name(&self) -> &CStr {
        // SAFETY: libc ends a name with a zero, and what follows a short entry is zero.
        unsafe { CStr::from_ptr(self.name.as_ptr()) }
    }

    /// A copy of what libc has read; its memory may end with the name.
    ///
    /// # Safety
    /// It is an entry of libc's.
    unsafe fn copied(entry: *const Self) -> Self {
        let mut copy = MaybeUninit::<Self>::zeroed();
        // SAFETY: an entry has its length, and a copy no more than its own; zeros are an entry.
        unsafe {
            let length = usize::from((&raw const (*entry).length).read()).min(size_of::<Self>());
            ptr::copy_nonoverlapping(entry.cast::<u8>(), copy.as_mut_ptr().cast::<u8>(), length);
            copy.assume_init()
        }
    }
}

/// An open folder, and the entry that is next.
struct Listing {
    folder: usize,
    entries: Vec<Entry>,
    next: usize,
}

/// All open folders whose entries were asked for.
static LISTINGS: Mutex<Vec<Listing>> = Mutex::new(Vec::new());

/// Whether there was ever one.
static LISTED: AtomicBool = AtomicBool::new(false);

fn listings() -> MutexGuard<'static, Vec<Listing>> {
    LISTINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forget(folder: *mut c_void) {
    // A child that another thread has forked must not wait for it where nothing is listed.
    if LISTED.load(Relaxed) {
        listings().retain(|listing| listing.folder != folder.addr());
    }
}

/// Does something with the listing of a folder, which is read if it is not there yet; `None` with `errno` where it
/// cannot be read.
fn with<T>(world: &World, folder: *mut c_void, work: impl FnOnce(&mut Listing) -> T) -> Option<T> {
    let mut listings = listings();
    if let Some(listing) = listings.iter_mut().find(|listing| listing.folder == folder.addr()) {
        return Some(work(listing));
    }
    LISTED.store(true, Relaxed);
    listings.push(Listing { folder: folder.addr(), entries: read(world, folder)?, next: 0 });
    listings.last_mut().map(work)
}

/// All entries, sorted by the bytes of their names.
fn read(world: &World, folder: *mut c_void) -> Option<Vec<Entry>> {
    let (before, mut entries) = (errno(), Vec::new());
    loop {
        fail(0);
        let entry: *mut Entry = libc!(readdir64(folder: *mut c_void) -> *mut Entry, or ptr::null_mut());
        if entry.is_null() {
            break;
        }
        // SAFETY: libc gave it, and keeps it until the next call.
        entries.push(unsafe { Entry::copied(entry) });
    }
    if errno() != 0 {
        return None;
    }
    entries.sort_unstable_by(|a, b| a.name().cmp(b.name()));
    let device = files::device(libc!(dirfd(folder: *mut c_void) -> c_int, or -1));
    for (at, entry) in entries.iter_mut().enumerate() {
        (entry.number, entry.offset) = (world.number(device, entry.number), at as i64 + 1);
    }
    fail(before);
    Some(entries)
}

macro_rules! entry {
    ($name:ident) => {
        #[doc = concat!("See `", stringify!($name), "(3)`.\n\n# Safety\nThe manual's.")]
        #[unsafe(no_mangle)]
        pub(super) unsafe extern "C" fn $name(folder: *mut c_void) -> *mut Entry {
            let Some(world) = world() else {
                return libc!($name(folder: *mut c_void) -> *mut Entry, or ptr::null_mut());
            };
            let next = |listing: &mut Listing| {
                let entry = listing.entries.get_mut(listing.next).map(ptr::from_mut);
                listing.next += usize::from(entry.is_some());
                entry
            };
            with(world, folder, next).flatten().unwrap_or(ptr::null_mut())
        }
    };
}

entry!(readdir);
entry!(readdir64);

/// See `closedir(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn closedir(folder: *mut c_void) -> c_int {
    forget(folder);
    libc!(closedir(folder: *mut c_void) -> c_int, or -1)
}

/// See `rewinddir(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn rewinddir(folder: *mut c_void) {
    forget(folder);
    libc!(rewinddir(folder: *mut c_void) -> (), or ());
}

/// See `telldir(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn telldir(folder: *mut c_void) -> c_long {
    let Some(world) = world() else {
        return libc!(telldir(folder: *mut c_void) -> c_long, or -1);
    };
    with(world, folder, |listing| listing.next as c_long).unwrap_or(-1)
}

/// See `seekdir(3)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn seekdir(folder: *mut c_void, to: c_long) {
    match world() {
        Some(world) => drop(with(world, folder, |listing| listing.next = to.max(0) as usize)),
        None => libc!(seekdir(folder: *mut c_void, to: c_long) -> (), or ()),
    }
}
