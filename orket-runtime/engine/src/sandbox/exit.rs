//! How a guest ended, and which limit ended it, where that can be told.

use orket_contract::code;

/// How a guest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// What the kernel reports.
    pub ending: Ending,
    /// Why, where it can be told.
    pub cause: Option<Cause>,
    /// Processor time used, user and system together.
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
/// looks like any other abort; see [`Exit::limit_given`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// It used all its processor time.
    CpuLimit,
    /// It wrote a larger file than it may.
    FileSizeLimit,
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

    /// The stable code of the limit that ended it, if one did.
    pub fn limit(&self) -> Option<&'static str> {
        match self.cause? {
            Cause::CpuLimit => Some(code::LIMIT_CPU),
            Cause::FileSizeLimit => Some(code::LIMIT_FILE_SIZE),
            Cause::SystemCall | Cause::Killed => None,
        }
    }

    /// As [`Exit::limit`], and `limit.memory` where the guest's stderr closes with Rust's words for a refused allocation.
    ///
    /// # Example
    /// ```
    /// # use orket_engine::sandbox::{Ending, Exit};
    /// let exit = Exit { ending: Ending::Signal(6), cause: None, cpu_ms: 1, resident_bytes_max: 1 };
    /// assert_eq!(exit.limit_given("memory allocation of 1073741824 bytes failed\n"), Some("limit.memory"));
    /// assert_eq!(exit.limit_given("thread 'main' panicked"), None);
    /// ```
    pub fn limit_given(&self, stderr: &str) -> Option<&'static str> {
        const SIGABRT: i32 = 6;
        // A hint about backtraces may follow.
        let mut last = stderr.trim_end().lines().rev().take(2);
        let refused =
            last.any(|line| line.starts_with("memory allocation of ") && line.ends_with(" bytes failed"));
        match self.ending {
            Ending::Signal(SIGABRT) if refused => Some(code::LIMIT_MEMORY),
            _ => self.limit(),
        }
    }
}
