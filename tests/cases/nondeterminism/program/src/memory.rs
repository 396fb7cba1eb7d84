//! Where things lie in memory, and what lay there before.

use crate::seen;
use orket_runtime::prelude::*;
use std::hint::black_box;
use std::mem::MaybeUninit;

/// Where the allocator puts a value.
#[workload]
pub fn heap_address(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(&raw const *black_box(Box::new(1_u64)))
}

/// Where a variable is.
#[workload]
pub fn stack_address(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(&raw const *black_box(&1_u64))
}

/// Where a function is.
#[workload]
pub fn code_address(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(code_address as *const ())
}

/// Where a function of libc is.
#[workload]
pub fn library_address(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(libc::qsort as *const ())
}

/// Where a new mapping comes to lie.
#[workload]
pub fn map_address(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let (access, kind) = (libc::PROT_READ, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: new pages, which nobody knows of.
    seen(unsafe { libc::mmap(std::ptr::null_mut(), 1 << 16, access, kind, -1, 0) })
}

/// Where the heap ends.
#[workload]
pub fn program_break(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: a question.
    seen(unsafe { libc::sbrk(0) })
}

/// Where libc keeps what it knows of this thread.
#[workload]
pub fn thread_address(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: it has no arguments.
    seen(unsafe { libc::pthread_self() })
}

/// Where the page is by which the kernel tells the time.
#[workload]
pub fn vdso_address(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: no argument of it can be wrong.
    seen(unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) })
}

/// All of it.
#[workload]
pub fn memory_maps(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::read_to_string("/proc/self/maps")?)
}

/// Things in the order of their places.
#[workload]
pub fn address_order(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    static FIXED: u64 = 3;
    let (heap, stack) = (Box::new(1_u64), 2_u64);
    // SAFETY: new pages, which nobody knows of.
    let mapped =
        unsafe { libc::mmap(std::ptr::null_mut(), 4096, 1, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0) };
    let places = [
        ("heap", &raw const *heap as usize),
        ("stack", &raw const stack as usize),
        ("program", &raw const FIXED as usize),
        ("mapping", mapped as usize),
        ("library", libc::qsort as *const () as usize),
    ];
    let mut all: Vec<_> = places.into_iter().map(|(name, place)| ((place >> 12) % 4096, name)).collect();
    all.sort_unstable();
    seen(all.into_iter().map(|(_, name)| name).collect::<Vec<_>>())
}

/// A hash that is taken of a place.
#[workload]
pub fn address_bucket(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let value = black_box(Box::new(1_u64));
    seen((&raw const *value as usize).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56)
}

/// What memory holds that the allocator gives anew.
#[workload]
pub fn heap_garbage(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let sizes = [24_usize, 72, 200, 520, 2040];
    let sum = |size: usize| {
        // SAFETY: it is read without having been written, which is what this class is about.
        unsafe {
            let place = libc::malloc(size).cast::<u8>();
            let sum = (0..size)
                .fold(0_u64, |sum, at| sum.rotate_left(7) ^ u64::from(place.add(at).read_volatile()));
            libc::free(place.cast());
            sum
        }
    };
    seen(sizes.map(sum))
}

#[inline(never)]
fn frame() -> u64 {
    let frame = MaybeUninit::<[u8; 4096]>::uninit();
    let place = black_box(frame.as_ptr().cast::<u8>());
    // SAFETY: it is read without having been written, which is what this class is about.
    (0..4096).fold(0, |sum: u64, at| sum.rotate_left(7) ^ u64::from(unsafe { place.add(at).read_volatile() }))
}

/// What the stack holds from calls before.
#[workload]
pub fn stack_garbage(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(frame())
}

#[repr(C)]
struct Padded {
    small: u8,
    large: u64,
}

/// The bytes between the fields of a structure.
#[workload]
pub fn padding(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: its fields are written, and what lies between them is what this class is about.
    let bytes = unsafe {
        let place = libc::malloc(size_of::<Padded>() * 64).cast::<Padded>().add(32);
        (&raw mut (*place).small).write(1);
        (&raw mut (*place).large).write(2);
        place.cast::<[u8; size_of::<Padded>()]>().read_volatile()
    };
    seen(bytes)
}
