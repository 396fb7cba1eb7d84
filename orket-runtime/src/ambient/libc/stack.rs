//! Who called: the return addresses of a thread, as addresses in the program's file.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

unsafe extern "C" {
    fn _Unwind_Backtrace(trace: extern "C" fn(*mut c_void, *mut c_void) -> c_int, data: *mut c_void)
    -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
    fn dl_iterate_phdr(
        each: extern "C" fn(*const Loaded, usize, *mut c_void) -> c_int,
        data: *mut c_void,
    ) -> c_int;
}

/// The beginning of `struct dl_phdr_info`.
#[repr(C)]
struct Loaded {
    base: usize,
    name: *const c_void,
    headers: *const Header,
    header_count: u16,
}

/// `Elf64_Phdr`.
#[repr(C)]
struct Header {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    physical: u64,
    file_size: u64,
    memory_size: u64,
    align: u64,
}

/// Where the program lies.
#[derive(Clone, Copy)]
struct Extent {
    base: usize,
    end: usize,
}

/// Tells `keep` the callers of the calling function that are in the program itself, innermost first, with
/// the number of each from 0, until it says that it keeps no more.
pub(in super::super) fn callers(mut keep: impl FnMut(usize, u64) -> bool) {
    let Some(program) = program() else { return };
    let mut place = 0;
    let mut each = |address: usize| {
        if !(program.base..program.end).contains(&address) {
            return true;
        }
        place += 1;
        // Within the call, not after it: what comes after may be another line.
        keep(place - 1, (address - program.base).saturating_sub(1) as u64)
    };
    let mut each: &mut dyn FnMut(usize) -> bool = &mut each;
    // SAFETY: `visit` is given the reference back, while this call lasts.
    unsafe { _Unwind_Backtrace(visit, (&raw mut each).cast()) };
}

extern "C" fn visit(context: *mut c_void, data: *mut c_void) -> c_int {
    const GO_ON: c_int = 0;
    const STOP: c_int = 4;
    // SAFETY: the reference that `callers` has passed.
    let each = unsafe { &mut *data.cast::<&mut dyn FnMut(usize) -> bool>() };
    // SAFETY: the context that the unwinder has passed.
    if each(unsafe { _Unwind_GetIP(context) }) { GO_ON } else { STOP }
}

/// The first object that is loaded is the program.
fn program() -> Option<Extent> {
    static BASE: AtomicUsize = AtomicUsize::new(0);
    static END: AtomicUsize = AtomicUsize::new(0);
    if END.load(Relaxed) == 0 {
        let mut found = Extent { base: 0, end: 0 };
        // SAFETY: `first` is given the pointer back, while this call lasts.
        unsafe { dl_iterate_phdr(first, (&raw mut found).cast()) };
        BASE.store(found.base, Relaxed);
        END.store(found.end, Relaxed);
    }
    let program = Extent { base: BASE.load(Relaxed), end: END.load(Relaxed) };
    (program.end != 0).then_some(program)
}

extern "C" fn first(loaded: *const Loaded, _: usize, data: *mut c_void) -> c_int {
    const LOAD: u32 = 1;
    // SAFETY: the loader passes what it has loaded, and the pointer of `program`.
    let (loaded, found) = unsafe { (&*loaded, &mut *data.cast::<Extent>()) };
    // SAFETY: so many headers lie there.
    let headers = unsafe { std::slice::from_raw_parts(loaded.headers, usize::from(loaded.header_count)) };
    let ends = headers.iter().filter(|header| header.kind == LOAD);
    let end = ends.map(|header| header.address + header.memory_size).max().unwrap_or_default();
    *found = Extent { base: loaded.base, end: loaded.base + end as usize };
    1
}
