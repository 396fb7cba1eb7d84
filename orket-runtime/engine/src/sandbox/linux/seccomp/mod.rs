//! Which system calls a guest may make: an allow-list as data ([`table`]), compiled to a binary search ([`compile`]).
//!
//! There is no deny-list: what is not in the table is refused. Pointers are never judged, because what they point to can change
//! after the judgement.

mod compile;
mod table;

/// What a filter depends on besides the table.
pub(super) struct Subject {
    /// The guest's process id, which is the launcher's.
    pub(super) pid: u32,
    /// The descriptor that may be executed, once: it is closed by that and its number cannot be had again.
    pub(super) executable: u32,
    /// Whether threads may be started.
    pub(super) threads: bool,
    /// Whether it may learn of the moment and the machine.
    pub(super) ambient: bool,
}

/// What happens to a system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Allow,
    /// It is not made and fails with this error; 0 makes it appear done.
    Errno(i32),
    /// The process ends with SIGSYS.
    Kill,
}

/// Holds if `argument & mask == value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Test {
    argument: usize,
    mask: u64,
    value: u64,
}

/// What happens to one system call: allowed if all tests of any alternative hold, else `otherwise`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    number: u32,
    alternatives: Vec<Vec<Test>>,
    otherwise: Action,
}

/// The filter for one guest.
pub(super) fn filter(subject: &Subject) -> Vec<libc::sock_filter> {
    compile::compile(&table::rules(subject), &table::FALLBACK)
}
