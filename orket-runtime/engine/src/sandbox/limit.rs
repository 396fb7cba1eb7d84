//! The limits by name: the code of each, what raises it, and how far a guest went.

use orket_contract::code;
use std::fmt;

/// Something that a guest may not use without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Private writable memory.
    Memory,
    /// Processor time.
    CpuTime,
    /// Time on the clock, without waits for a person or a service.
    WallTime,
    /// The size of one file.
    FileSize,
    /// The size of all files together, at any moment.
    TotalSize,
    /// Files and folders, at any moment.
    Files,
    /// Threads, at any moment.
    Threads,
    /// What it prints, on both streams together.
    Output,
    /// Messages to the host.
    Messages,
}

/// Code, flag, and the words around a value.
struct Row(&'static str, &'static str, &'static str, &'static str);

impl Limit {
    /// Every limit whose excess ends a guest.
    pub const ALL: [Limit; 9] = [
        Limit::Memory,
        Limit::CpuTime,
        Limit::WallTime,
        Limit::FileSize,
        Limit::TotalSize,
        Limit::Files,
        Limit::Threads,
        Limit::Output,
        Limit::Messages,
    ];

    fn row(self) -> Row {
        match self {
            Limit::Memory => {
                Row(code::LIMIT_MEMORY, "--memory-limit", "asked for", "bytes of memory at once")
            }
            Limit::CpuTime => Row(code::LIMIT_CPU, "--cpu-limit", "used", "ms of processor time"),
            Limit::WallTime => Row(code::LIMIT_WALL, "--time-limit", "took", "ms"),
            Limit::FileSize => Row(code::LIMIT_FILE_SIZE, "--artifact-limit", "wrote", "bytes to one file"),
            Limit::TotalSize => Row(code::ARTIFACT_TOO_LARGE, "--artifacts-limit", "wrote", "bytes in all"),
            Limit::Files => Row(code::LIMIT_FILES, "--files-limit", "made", "files and folders"),
            Limit::Threads => Row(code::LIMIT_THREADS, "--threads-limit", "ran", "threads"),
            Limit::Output => Row(code::LIMIT_OUTPUT, "--output-limit", "printed", "bytes"),
            Limit::Messages => Row(code::LIMIT_MESSAGES, "--messages-limit", "sent", "messages"),
        }
    }

    /// The stable code of going over it.
    ///
    /// # Example
    /// ```
    /// # use orket_engine::sandbox::Limit;
    /// assert_eq!((Limit::CpuTime.code(), Limit::CpuTime.flag()), ("limit.cpu", "--cpu-limit"));
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The flag of `cargo orket` that raises it.
    #[must_use]
    pub fn flag(self) -> &'static str {
        self.row().1
    }
}

/// A limit that a guest went over, and how far. Displayed, it is the message of its code.
///
/// # Example
/// ```
/// # use orket_engine::sandbox::{Limit, Reached};
/// let reached = Reached { limit: Limit::CpuTime, max: 1000, value: 1002 };
/// let message = "the extension used 1002 ms of processor time; at most 1000 are allowed";
/// assert_eq!(reached.to_string(), message);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Which one.
    pub limit: Limit,
    /// What is allowed.
    pub max: u64,
    /// What it came to, in the same unit.
    pub value: u64,
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row(_, _, did, what) = self.limit.row();
        let Reached { max, value, .. } = self;
        write!(f, "the extension {did} {value} {what}; at most {max} are allowed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_limit_has_a_code_and_a_flag_of_its_own() {
        let distinct =
            |name: fn(Limit) -> &'static str| Limit::ALL.map(name).into_iter().collect::<BTreeSet<_>>();
        assert_eq!(distinct(Limit::code).len(), Limit::ALL.len());
        assert_eq!(distinct(Limit::flag).len(), Limit::ALL.len());
        assert!(Limit::ALL.iter().all(|limit| code::find(limit.code()).is_some()));
    }
}
