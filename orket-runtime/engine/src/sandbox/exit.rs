//! How a guest ended, and which limit ended it, where that can be told.

use super::{Limit, Limits, Reached};

/// How a guest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// What the kernel reports.
    pub ending: Ending,
    /// Why, where it can be told.
    pub cause: Option<Cause>,
    /// Processor time used, user and system together, in milliseconds; without its launcher's.
    pub cpu_ms: u64,
    /// The most memory that was resident.
    pub resident_bytes_max: u64,
}

/// What the kernel reports of an ended process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It exited with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
}

/// Why a guest was ended from outside.
///
/// Running out of memory is not among them: the kernel refuses the allocation, and what the guest makes of that (Rust aborts)
/// looks like any other abort; see [`Exit::reached`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// It went over a limit.
    Limit(Reached),
    /// It made a system call of another architecture.
    SystemCall,
    /// The host killed it.
    Killed,
}

impl Exit {
    /// Whether it exited by itself with code 0.
    pub fn success(&self) -> bool {
        self.ending == Ending::Code(0)
    }

    /// The limit that ended it, if one did. Of memory the guest's stderr tells: it closes with Rust's words for a refused
    /// allocation.
    ///
    /// # Example
    /// ```
    /// # use orket_engine::sandbox::{Ending, Exit, Limit, Limits};
    /// let exit = Exit { ending: Ending::Signal(6), cause: None, cpu_ms: 1, resident_bytes_max: 1 };
    /// let reached = exit.reached("memory allocation of 1073741824 bytes failed\n", &Limits::default()).unwrap();
    /// assert_eq!((reached.limit, reached.value), (Limit::Memory, 1 << 30));
    /// assert_eq!(exit.reached("thread 'main' panicked", &Limits::default()), None);
    /// ```
    pub fn reached(&self, stderr: &str, limits: &Limits) -> Option<Reached> {
        const SIGABRT: i32 = 6;
        if let Some(Cause::Limit(reached)) = self.cause {
            return Some(reached);
        }
        let refused = |line: &str| {
            let bytes = line.strip_prefix("memory allocation of ")?.strip_suffix(" bytes failed")?;
            bytes.parse().ok()
        };
        // A hint about backtraces may follow.
        let value = stderr.trim_end().lines().rev().take(2).find_map(refused)?;
        let max = limits.memory_bytes;
        (self.ending == Ending::Signal(SIGABRT)).then_some(Reached { limit: Limit::Memory, max, value })
    }
}
