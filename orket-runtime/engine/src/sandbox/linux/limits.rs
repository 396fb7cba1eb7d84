//! Resource limits. Soft and hard are equal, so nothing can be raised again.
//!
//! Processor time here is only what remains if the host's supervisor should fail: it counts whole seconds, and the supervisor
//! comes first.

use super::super::Limits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;

/// Lets the launcher itself have as many descriptors as the host may have.
pub(super) fn open_all_files() -> io::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    Ok(set(Resource::Nofile, maximum, maximum)?)
}

/// Applies the limits to this process and what it executes.
pub(super) fn apply(limits: &Limits, threads: bool) -> io::Result<()> {
    for (resource, value) in table(limits) {
        set(resource, Some(value), Some(value))?;
    }
    // The kernel sends SIGXCPU at the first and SIGKILL at the second.
    let seconds = limits.cpu_ms.div_ceil(1000).saturating_add(1);
    set(Resource::Cpu, Some(seconds), Some(seconds.saturating_add(1)))?;
    // It counts all processes of the user, so it can say "none" and nothing in between. Root is exempt; the filter is not.
    if !threads {
        set(Resource::Nproc, Some(0), Some(0))?;
    }
    Ok(())
}

/// `RLIMIT_DATA` rather than `RLIMIT_AS`: it counts what is private and writable, and the filter refuses all other ways to get
/// memory (shared, growing down, memfd, pipes).
fn table(limits: &Limits) -> [(Resource, u64); 8] {
    [
        (Resource::Data, limits.memory_bytes),
        (Resource::Stack, limits.stack_bytes),
        (Resource::Nofile, limits.open_files),
        (Resource::Fsize, limits.file_bytes_max),
        (Resource::Core, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
        (Resource::Rtprio, 0),
    ]
}

fn set(resource: Resource, current: Option<u64>, maximum: Option<u64>) -> rustix::io::Result<()> {
    setrlimit(resource, Rlimit { current, maximum })
}
