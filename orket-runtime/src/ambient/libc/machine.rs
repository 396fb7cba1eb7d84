//! The machine and the process: the same everywhere.

use std::ffi::{CStr, c_char, c_int, c_long, c_uint, c_void};

use orket_contract::ambient::Kind;

use super::real::libc;
use super::{EFAULT, EINVAL, fail, world};

/// The name of the machine.
const NAME: &CStr = c"orket";
/// The number of the process and of its only thread, and that of what has started it.
const PROCESS: c_int = 2;
const PARENT: c_int = 1;
/// The number of the user and of the group.
pub(super) const USER: u32 = 1000;
/// How much memory the machine has.
const MEMORY_BYTES: u64 = 512 << 20;
const PAGE_BYTES: u64 = 4096;

const ENAMETOOLONG: c_int = 36;

/// See `gethostname(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn gethostname(name: *mut c_char, length: usize) -> c_int {
    let Some(world) = world() else {
        return libc!(gethostname(name: *mut c_char, length: usize) -> c_int, or -1);
    };
    world.observe(Kind::HostName);
    let bytes = NAME.to_bytes_with_nul();
    if name.is_null() {
        return fail(EFAULT);
    }
    // SAFETY: the caller's, and no more than the name has.
    unsafe { name.cast::<u8>().copy_from(bytes.as_ptr(), bytes.len().min(length)) };
    if length < bytes.len() { fail(ENAMETOOLONG) } else { 0 }
}

/// `struct utsname`.
#[repr(C)]
pub(super) struct Names([[u8; 65]; 6]);

/// See `uname(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn uname(names: *mut Names) -> c_int {
    let Some(world) = world() else { return libc!(uname(names: *mut Names) -> c_int, or -1) };
    world.observe(Kind::HostName);
    if names.is_null() {
        return fail(EFAULT);
    }
    let machine = if cfg!(target_arch = "x86_64") { "x86_64" } else { "aarch64" };
    let shown = ["Linux", "orket", "6.0.0", "#1", machine, "(none)"];
    let shown = shown.map(|name| {
        let mut field = [0; 65];
        field[..name.len()].copy_from_slice(name.as_bytes());
        field
    });
    // SAFETY: the caller's.
    unsafe { names.write(Names(shown)) };
    0
}

/// See `sched_getaffinity(2)`: one processor.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
unsafe extern "C" fn sched_getaffinity(process: c_int, size: usize, set: *mut c_void) -> c_int {
    // SAFETY: the caller's.
    match unsafe { affinity(size, set) } {
        Some(written) => written.min(0),
        None => libc!(sched_getaffinity(process: c_int, size: usize, set: *mut c_void) -> c_int, or -1),
    }
}

/// The system call of the same name, which says how much it has written.
///
/// # Safety
/// So many bytes can be written there.
pub(super) unsafe fn affinity(size: usize, set: *mut c_void) -> Option<c_int> {
    let world = world()?;
    world.observe(Kind::Processors);
    let word = size_of::<c_long>();
    if size < word || !size.is_multiple_of(word) {
        return Some(fail(EINVAL));
    }
    if set.is_null() {
        return Some(fail(EFAULT));
    }
    // SAFETY: the caller's.
    unsafe {
        set.cast::<u8>().write_bytes(0, size);
        set.cast::<u8>().write(1);
    }
    Some(word as c_int)
}

/// See `sched_getcpu(3)`.
#[unsafe(no_mangle)]
extern "C" fn sched_getcpu() -> c_int {
    let Some(world) = world() else { return libc!(sched_getcpu() -> c_int, or -1) };
    world.observe(Kind::Processors);
    0
}

/// See `get_nprocs(3)`.
#[unsafe(no_mangle)]
extern "C" fn get_nprocs() -> c_int {
    let Some(world) = world() else { return libc!(get_nprocs() -> c_int, or 1) };
    world.observe(Kind::Processors);
    1
}

/// See `get_nprocs_conf(3)`.
#[unsafe(no_mangle)]
extern "C" fn get_nprocs_conf() -> c_int {
    let Some(world) = world() else { return libc!(get_nprocs_conf() -> c_int, or 1) };
    world.observe(Kind::Processors);
    1
}

/// See `sysconf(3)`.
#[unsafe(no_mangle)]
extern "C" fn sysconf(name: c_int) -> c_long {
    let (kind, value) = match name {
        83 | 84 => (Kind::Processors, 1),
        85 | 86 => (Kind::Memory, MEMORY_BYTES / PAGE_BYTES),
        _ => return libc!(sysconf(name: c_int) -> c_long, or -1),
    };
    let Some(world) = world() else { return libc!(sysconf(name: c_int) -> c_long, or -1) };
    world.observe(kind);
    value.cast_signed()
}

/// `struct sysinfo`.
#[repr(C)]
#[derive(Default)]
pub(super) struct Info {
    uptime: c_long,
    loads: [u64; 3],
    memory: [u64; 4],
    swap: [u64; 2],
    processes: u16,
    pad: u16,
    high: [u64; 2],
    unit: u32,
}

/// See `sysinfo(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn sysinfo(info: *mut Info) -> c_int {
    let Some(world) = world() else { return libc!(sysinfo(info: *mut Info) -> c_int, or -1) };
    world.observe(Kind::Memory);
    if info.is_null() {
        return fail(EFAULT);
    }
    let memory = [MEMORY_BYTES, MEMORY_BYTES / 2, 0, 0];
    // SAFETY: the caller's.
    unsafe { info.write(Info { memory, processes: 1, unit: 1, ..Info::default() }) };
    0
}

/// See `getpid(2)`.
#[unsafe(no_mangle)]
pub(super) extern "C" fn getpid() -> c_int {
    let Some(world) = world() else { return libc!(getpid() -> c_int, or -1) };
    world.observe(Kind::ProcessId);
    PROCESS
}

/// See `getppid(2)`.
#[unsafe(no_mangle)]
pub(super) extern "C" fn getppid() -> c_int {
    let Some(world) = world() else { return libc!(getppid() -> c_int, or -1) };
    world.observe(Kind::ProcessId);
    PARENT
}

/// Who a guest is: a user of no machine.
macro_rules! user {
    ($($name:ident)*) => {$(
        #[doc = concat!("See `", stringify!($name), "(2)`.")]
        #[unsafe(no_mangle)]
        pub(super) extern "C" fn $name() -> u32 {
            let Some(world) = world() else { return libc!($name() -> u32, or 0) };
            world.observe(Kind::User);
            USER
        }
    )*};
}
user!(getuid geteuid getgid getegid);

/// See `gettid(2)`; before glibc 2.30 there is none, and this stands in for it. In a world with threads,
/// which no host in Reliable Mode allows, each has its own.
#[unsafe(no_mangle)]
pub(super) extern "C" fn gettid() -> c_int {
    let own = || super::syscall::real(super::number::GETTID, [0; 6]) as c_int;
    let Some(world) = world() else { return own() };
    world.observe(Kind::ProcessId);
    if super::lives_alone() { PROCESS } else { own() }
}

/// See `getcpu(2)`.
///
/// # Safety
/// The manual's.
pub(super) unsafe fn getcpu(processor: *mut c_uint, node: *mut c_uint) -> Option<c_int> {
    let world = world()?;
    world.observe(Kind::Processors);
    for place in [processor, node] {
        if !place.is_null() {
            // SAFETY: the caller's.
            unsafe { place.write(0) };
        }
    }
    Some(0)
}
