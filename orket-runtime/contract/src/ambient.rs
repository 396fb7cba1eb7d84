//! The virtual standard library: what a program takes from its surroundings without a capability, and
//! what a guest shows it instead.
//!
//! An extension's program defines libc's entry points for that itself ([`SYMBOLS`]). In a governed run
//! they answer from the seed and from the one virtual clock; anywhere else they are libc's own.

use std::ffi::CStr;

/// The name under which every guest runs, and nothing else does: absolute, because an interpreter looks for
/// itself, and nothing lies there.
pub const GUEST_NAME: &CStr = c"/extension";

/// Virtual time starts at 2000-01-01T00:00:00Z, in nanoseconds since the Unix epoch.
pub const EPOCH_NS: u64 = 946_684_800_000_000_000;

/// Looking at the clock takes a microsecond, so that loops which wait for it to move end.
pub const LOOK_NS: u64 = 1_000;

/// How many callers of an observation are kept at most, innermost first.
pub const CALLERS_MAX: usize = 48;

/// The entry points of libc that the program of an extension must define itself.
///
/// A host looks for them among the program's dynamic symbols: libraries that are loaded at run time
/// find the program's own before libc's.
pub const SYMBOLS: &[&str] = &[
    "arc4random",
    "arc4random_buf",
    "arc4random_uniform",
    "clock",
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "closedir",
    "fork",
    "fstat",
    "fstat64",
    "fstatat",
    "fstatat64",
    "get_nprocs",
    "get_nprocs_conf",
    "getegid",
    "getentropy",
    "geteuid",
    "getgid",
    "gethostname",
    "getpid",
    "getppid",
    "getrandom",
    "getrusage",
    "gettid",
    "gettimeofday",
    "getuid",
    "lstat",
    "lstat64",
    "nanosleep",
    "poll",
    "posix_spawn",
    "posix_spawnp",
    "pthread_create",
    "readdir",
    "readdir64",
    "remove",
    "rename",
    "renameat",
    "renameat2",
    "rewinddir",
    "rmdir",
    "sched_getaffinity",
    "sched_getcpu",
    "seekdir",
    "sleep",
    "stat",
    "stat64",
    "statx",
    "syscall",
    "sysconf",
    "sysinfo",
    "telldir",
    "time",
    "times",
    "timespec_get",
    "uname",
    "unlink",
    "unlinkat",
    "usleep",
];

/// Something that differs between machines or moments, by what kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "model", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "model", serde(rename_all = "kebab-case"))]
#[repr(u8)]
pub enum Kind {
    /// Random bytes: also the keys of a `HashMap`.
    Entropy,
    /// What a file is besides its bytes: its times, its number, its owner.
    FileMetadata,
    /// The name of the machine and of its kernel.
    HostName,
    /// How much memory the machine has.
    Memory,
    /// The time since some start.
    MonotonicClock,
    /// Another process, where it was refused.
    Process,
    /// The number of the process or thread.
    ProcessId,
    /// How much the processor has worked.
    ProcessorTime,
    /// How many processors there are, and which one this is.
    Processors,
    /// Waiting for time to pass.
    Sleep,
    /// A thread, where it was refused.
    Thread,
    /// The number of the user or group.
    User,
    /// The date and time.
    WallClock,
}

impl Kind {
    /// Every kind, in order: the place of each is its number.
    pub const ALL: [Self; 13] = [
        Self::Entropy,
        Self::FileMetadata,
        Self::HostName,
        Self::Memory,
        Self::MonotonicClock,
        Self::Process,
        Self::ProcessId,
        Self::ProcessorTime,
        Self::Processors,
        Self::Sleep,
        Self::Thread,
        Self::User,
        Self::WallClock,
    ];

    /// Its name, as on record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entropy => "entropy",
            Self::FileMetadata => "file-metadata",
            Self::HostName => "host-name",
            Self::Memory => "memory",
            Self::MonotonicClock => "monotonic-clock",
            Self::Process => "process",
            Self::ProcessId => "process-id",
            Self::ProcessorTime => "processor-time",
            Self::Processors => "processors",
            Self::Sleep => "sleep",
            Self::Thread => "thread",
            Self::User => "user",
            Self::WallClock => "wall-clock",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        assert!(SYMBOLS.is_sorted_by(|a, b| a < b));
        assert!(Kind::ALL.iter().enumerate().all(|(at, kind)| *kind as usize == at));
        assert!(Kind::ALL.is_sorted_by_key(|kind| kind.name()));
    }

    #[cfg(feature = "model")]
    #[test]
    fn a_kind_is_written_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a name"), kind.name());
        }
    }
}
