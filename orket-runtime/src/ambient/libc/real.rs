//! libc's own entry points, behind those of this program.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// Whatever comes after this program in the order of look-up.
const RTLD_NEXT: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// The address of a name in the libraries of this program; null when none has it.
pub(super) fn find(name: &CStr) -> *mut c_void {
    // SAFETY: a null-terminated name.
    unsafe { dlsym(RTLD_NEXT, name.as_ptr()) }
}

/// One of libc's entry points, looked up when it is called first.
pub(super) struct Real {
    name: &'static CStr,
    found: AtomicPtr<c_void>,
}

impl Real {
    pub(super) const fn new(name: &'static CStr) -> Self {
        Self { name, found: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Its address; null when this libc does not have it.
    pub(super) fn address(&self) -> *mut c_void {
        let mut found = self.found.load(Relaxed);
        if found.is_null() {
            found = find(self.name);
            self.found.store(found, Relaxed);
        }
        found
    }
}

/// Calls libc's own entry point of that name: `libc!(time(at: *mut i64) -> i64, or -1)`. What follows
/// `or` is given back by a libc that does not have it, with `errno` as for a missing system call.
macro_rules! libc {
    ($name:ident($($argument:ident: $type:ty),*) -> $result:ty, or $missing:expr) => {{
        static REAL: $crate::ambient::libc::real::Real = $crate::ambient::libc::real::Real::new({
            const NAME: &str = concat!(stringify!($name), "\0");
            match ::std::ffi::CStr::from_bytes_with_nul(NAME.as_bytes()) {
                Ok(name) => name,
                Err(_) => panic!("a name of libc"),
            }
        });
        let address = REAL.address();
        if address.is_null() {
            $crate::ambient::libc::fail($crate::ambient::libc::ENOSYS);
            $missing
        } else {
            // SAFETY: libc's entry point of this name has this signature.
            let entry: unsafe extern "C" fn($($type),*) -> $result = unsafe { ::std::mem::transmute(address) };
            // SAFETY: the arguments are those that the caller of our own entry point answers for.
            unsafe { entry($($argument),*) }
        }
    }};
}
pub(super) use libc;
