//! An order: the list of system calls with which a process confines itself and becomes a guest. The host writes it, the launcher
//! makes them, and neither allocates or decides anything in between.
//!
//! Compiled into both. The image of an order is mapped at [`BASE`] in the launcher, so every pointer in it is final when the
//! host writes it.

/// Where an order's image lies: above the launcher's own few pages, far below where the kernel puts anything.
pub const BASE: u64 = 0x7000_0000;
/// The most that an image may have.
pub const BYTES_MAX: usize = 1 << 20;
/// How many results can be kept for later calls.
pub const SLOTS: usize = 128;
/// No slot.
pub const NO_SLOT: u8 = u8::MAX;

/// Not a system call: a child that goes on with the order, while this process waits for it, passes its end on and ends. Where
/// the child lets itself be traced, its start-vector is changed when it becomes the guest: the argument is the address of a
/// [`Change`], or 0.
pub const FORK: u32 = 0x8000_0000;
/// Not a system call: writes the first argument, 32 bits, to the address in the second.
pub const STORE: u32 = 0x8000_0001;
/// Not a system call: the result is the 32 bits at the address in the first argument.
pub const LOAD: u32 = 0x8000_0002;
/// Not a system call: a child for every message that comes on the descriptor for statuses, one at a time. The child goes on with the
/// order and takes the message; this process waits for it, answers with its [`End`], and begins anew. The first argument is that of
/// [`FORK`], the rest are those of `clone3`.
pub const SERVE: u32 = 0x8000_0003;
/// Not a system call: copies what the kernel left on the stack at the start, its address first, to the address in the first
/// argument; the second is the number of words.
pub const RECALL: u32 = 0x8000_0004;

/// The call must succeed; else it is reported and the launcher ends.
pub const STOP: u8 = 0;
/// A failure is reported, and the order goes on.
pub const NOTE: u8 = 1;
/// A failure is of no interest.
pub const IGNORE: u8 = 2;

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Step {
    /// Its number.
    pub call: u32,
    /// What a failure means.
    pub on_error: u8,
    /// Where its result is kept.
    pub slot: u8,
    /// Whether any result but zero is a failure as well.
    pub zero_only: u8,
    /// How many steps to leave out after a failure that does not stop.
    pub skip: u8,
    /// Which arguments are numbers of slots, one bit each.
    pub from_slots: u64,
    /// The arguments.
    pub arguments: [u64; 6],
}

/// How a program's start-vector, which the kernel has just written, is changed.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Change {
    /// The step that a failure is reported as.
    pub step: u64,
    /// How many bytes above the stack pointer the vector begins, behind arguments and environment.
    pub offset: u64,
    /// Whether the loader's questions for the counter of the processor are answered. The guest is traced for as long as it lives.
    pub counts: u64,
    /// The bytes that stand where `AT_RANDOM` leads.
    pub random: [u64; 2],
    /// How many [`Entry`]s follow.
    pub entries: u64,
}

/// What becomes of the entries of one kind: `value & keep | set`, under the kind `becomes`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Entry {
    /// The kind.
    pub kind: u64,
    /// Its new kind.
    pub becomes: u64,
    /// The bits of the value that stay.
    pub keep: u64,
    /// The bits that are set.
    pub set: u64,
}

/// The beginning of an image; the steps follow at once, and what they point to after them.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Header {
    /// How many steps there are.
    pub steps: u64,
    /// How long the image is.
    pub bytes: u64,
    /// The descriptor that failures are written to: the number of the step and the error, 32 bits each.
    pub report: i32,
    /// The descriptor that the status of the child of [`FORK`] is written to, as `wait4` gives it.
    pub status: i32,
}

/// What is told of a child of [`SERVE`]: what `wait4` gives.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct End {
    /// The status.
    pub status: u32,
    /// Why the child could not begin as the guest, if that is so: an error.
    pub failed: u32,
    /// What it used: a `struct rusage`.
    pub used: [u64; 18],
}
