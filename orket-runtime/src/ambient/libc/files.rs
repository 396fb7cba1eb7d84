//! What a file is besides its bytes: times, number, owner and place are the same everywhere.

use std::ffi::{c_char, c_int, c_long, c_uint};

use orket_contract::ambient::Kind;

use super::clock::Timespec;
use super::machine::USER;
use super::real::libc;
use super::{World, number, syscall, world};

/// The device that all files lie on, and what its blocks have.
const DEVICE: u64 = 1;
const BLOCK_BYTES: c_long = 4096;
/// `st_blocks` counts these.
const SECTOR_BYTES: i64 = 512;
/// The type of a file among its mode, and that of a folder.
const TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
/// A file that has lost its last name is numbered from here, by the descriptor that keeps it: file systems
/// give its own number to the next file at any time.
const NAMELESS: u64 = 1 << 32;

fn nameless(descriptor: c_int) -> u64 {
    NAMELESS.wrapping_add_signed(descriptor.into())
}

/// `struct stat`.
#[cfg(target_arch = "x86_64")]
#[repr(C)]
pub(super) struct Stat {
    device: u64,
    number: u64,
    links: u64,
    mode: u32,
    owner: [u32; 2],
    pad: u32,
    special: u64,
    size: i64,
    block_bytes: c_long,
    blocks: i64,
    times: [Timespec; 3],
    reserved: [c_long; 3],
}

/// `struct stat`.
#[cfg(target_arch = "aarch64")]
#[repr(C)]
pub(super) struct Stat {
    device: u64,
    number: u64,
    mode: u32,
    links: u32,
    owner: [u32; 2],
    special: u64,
    pad: u64,
    size: i64,
    block_bytes: c_int,
    pad_too: c_int,
    blocks: i64,
    times: [Timespec; 3],
    reserved: [c_int; 2],
}

impl Stat {
    fn made_alike(&mut self, world: &World, descriptor: c_int) {
        world.observe(Kind::FileMetadata);
        self.number = match self.links {
            0 => nameless(descriptor),
            _ => world.number(self.device, self.number),
        };
        self.device = DEVICE;
        self.owner = [USER; 2];
        self.times = [Timespec::of(world.start()); 3];
        self.block_bytes = BLOCK_BYTES as _;
        if self.mode & TYPE == FOLDER {
            self.links = 1;
            self.size = BLOCK_BYTES;
        }
        self.blocks = sectors(self.size);
    }
}

fn sectors(size: i64) -> i64 {
    size.max(0).saturating_add(SECTOR_BYTES - 1) / SECTOR_BYTES
}

/// `struct statx`.
#[repr(C)]
pub(super) struct Statx {
    mask: u32,
    block_bytes: u32,
    attributes: u64,
    links: u32,
    owner: [u32; 2],
    mode: u16,
    pad: u16,
    number: u64,
    size: u64,
    blocks: u64,
    attributes_mask: u64,
    times: [StatxTime; 4],
    special: [u32; 2],
    device: [u32; 2],
    mount: u64,
    direct: [u32; 2],
    more: [u64; 12],
}

#[repr(C)]
#[derive(Clone, Copy)]
struct StatxTime {
    seconds: i64,
    nanoseconds: u32,
    pad: i32,
}

/// A device as `struct stat` has it, in one number.
fn packed(major: u64, minor: u64) -> u64 {
    (major & !0xfff) << 32 | (major & 0xfff) << 8 | (minor & !0xff) << 12 | minor & 0xff
}

/// What `statx` tells that is the same everywhere: the basic facts and the time of birth.
const TOLD: u32 = 0xfff;

impl Statx {
    fn made_alike(&mut self, world: &World, descriptor: c_int) {
        world.observe(Kind::FileMetadata);
        let [major, minor] = self.device.map(u64::from);
        let start = Timespec::of(world.start());
        let time = StatxTime { seconds: start.seconds, nanoseconds: start.nanoseconds as u32, pad: 0 };
        self.mask = TOLD;
        (self.attributes, self.attributes_mask) = (0, 0);
        self.number = match self.links {
            0 => nameless(descriptor),
            _ => world.number(packed(major, minor), self.number),
        };
        self.device = [0, DEVICE as u32];
        self.owner = [USER; 2];
        self.times = [time; 4];
        self.block_bytes = BLOCK_BYTES as u32;
        if u32::from(self.mode) & TYPE == FOLDER {
            self.links = 1;
            self.size = BLOCK_BYTES.cast_unsigned();
        }
        self.blocks = sectors(self.size.cast_signed()).cast_unsigned();
        (self.mount, self.direct, self.more) = (0, [0; 2], [0; 12]);
    }
}

/// See `statx(2)`.
///
/// # Safety
/// The manual's.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn statx(
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    mask: c_uint,
    facts: *mut Statx,
) -> c_int {
    let done = libc!(statx(folder: c_int, path: *const c_char, flags: c_int, mask: c_uint, facts: *mut Statx) -> c_int, or -1);
    if let (0, Some(world)) = (done, world()) {
        // SAFETY: libc has filled it.
        unsafe { &mut *facts }.made_alike(world, folder);
    }
    done
}

/// An entry point that fills a [`Stat`]. Before glibc 2.33 they are no symbols of libc: then it is the
/// system call, whose `struct stat` is the same.
macro_rules! entry {
    ($name:ident($($argument:ident: $type:ty),*), facts $(, $flags:ident: $flags_type:ty)?; $descriptor:expr, $number:expr, $call:expr) => {
        #[doc = concat!("See `", stringify!($name), "(2)`.\n\n# Safety\nThe manual's.")]
        #[unsafe(no_mangle)]
        pub(super) unsafe extern "C" fn $name($($argument: $type,)* facts: *mut Stat $(, $flags: $flags_type)?) -> c_int {
            let done = libc!(
                $name($($argument: $type,)* facts: *mut Stat $(, $flags: $flags_type)?) -> c_int,
                or syscall::real($number, $call(facts.expose_provenance() as c_long)) as c_int
            );
            if let (0, Some(world)) = (done, world()) {
                // SAFETY: it has been filled.
                unsafe { &mut *facts }.made_alike(world, $descriptor);
            }
            done
        }
    };
}

/// The arguments of a look at a path.
fn by_path(folder: c_int, path: *const c_char, flags: c_int) -> impl Fn(c_long) -> [c_long; 6] {
    move |facts| [folder.into(), path.expose_provenance() as c_long, facts, flags.into(), 0, 0]
}

/// The working folder.
pub(super) const HERE: c_int = -100;
/// A link itself.
const NO_FOLLOW: c_int = 0x100;
/// Of an empty path: what the descriptor is of.
const ITSELF: c_int = 0x1000;

/// The facts of a file or link as the system tells them.
fn facts(folder: c_int, path: *const c_char, flags: c_int) -> Option<Stat> {
    let mut facts = std::mem::MaybeUninit::<Stat>::zeroed();
    let told = facts.as_mut_ptr();
    let done = libc!(
        fstatat(folder: c_int, path: *const c_char, told: *mut Stat, flags: c_int) -> c_int,
        or syscall::real(number::NEWFSTATAT, by_path(folder, path, flags)(told.expose_provenance() as c_long)) as c_int
    );
    // SAFETY: zeros are facts, and what libc fills in are others.
    (done == 0).then(|| unsafe { facts.assume_init() })
}

/// The file system that an open file lies on; 0 where that cannot be told.
pub(super) fn device(file: c_int) -> u64 {
    facts(file, c"".as_ptr(), ITSELF).map_or(0, |facts| facts.device)
}

/// Which file a name is of: its device and its number on it, and whether it has no other name.
pub(super) struct Named {
    pub(super) file: (u64, u64),
    pub(super) is_last: bool,
}

/// What a name that may go stands for; `None` where there is nothing.
pub(super) fn named(folder: c_int, path: *const c_char) -> Option<Named> {
    let facts = facts(folder, path, NO_FOLLOW)?;
    let is_last = facts.mode & TYPE == FOLDER || facts.links == 1;
    Some(Named { file: (facts.device, facts.number), is_last })
}

entry!(stat(path: *const c_char), facts; HERE, number::NEWFSTATAT, by_path(HERE, path, 0));
entry!(stat64(path: *const c_char), facts; HERE, number::NEWFSTATAT, by_path(HERE, path, 0));
entry!(lstat(path: *const c_char), facts; HERE, number::NEWFSTATAT, by_path(HERE, path, NO_FOLLOW));
entry!(lstat64(path: *const c_char), facts; HERE, number::NEWFSTATAT, by_path(HERE, path, NO_FOLLOW));
entry!(fstat(file: c_int), facts; file, number::FSTAT, |facts| [file.into(), facts, 0, 0, 0, 0]);
entry!(fstat64(file: c_int), facts; file, number::FSTAT, |facts| [file.into(), facts, 0, 0, 0, 0]);
entry!(fstatat(folder: c_int, path: *const c_char), facts, flags: c_int; folder, number::NEWFSTATAT, by_path(folder, path, flags));
entry!(fstatat64(folder: c_int, path: *const c_char), facts, flags: c_int; folder, number::NEWFSTATAT, by_path(folder, path, flags));
