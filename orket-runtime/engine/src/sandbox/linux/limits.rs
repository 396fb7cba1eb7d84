//! Resource limits. Soft and hard are equal, so nothing can be raised again.
//!
//! Processor time here is only what remains if the host's supervisor should fail: it counts whole seconds, and the supervisor
//! comes first.

use super::super::{Confinement, Layer, Limits};
use super::order::{IGNORE, STOP};
use super::script::Script;
use rustix::process::{Resource, getrlimit};

/// Lets the launcher itself have as many descriptors as the host may have.
pub(super) fn open_all_files(script: &mut Script) {
    let maximum = getrlimit(Resource::Nofile).maximum.unwrap_or(libc::RLIM_INFINITY);
    script.layer(None, IGNORE);
    set(script, libc::RLIMIT_NOFILE, maximum, maximum);
}

/// Applies the limits to the process and what it executes.
pub(super) fn apply(script: &mut Script, confinement: &Confinement) {
    script.layer(Layer::Limits, STOP);
    for (resource, value) in table(&confinement.limits) {
        set(script, resource, value, value);
    }
    // The kernel sends SIGXCPU at the first and SIGKILL at the second.
    let seconds = confinement.limits.cpu_ms.div_ceil(1000).saturating_add(1);
    set(script, libc::RLIMIT_CPU, seconds, seconds.saturating_add(1));
    // It counts all processes of the user, so it can say "none" and nothing in between. Root is exempt; the filter is not.
    if !confinement.threads {
        set(script, libc::RLIMIT_NPROC, 0, 0);
    }
}

/// `RLIMIT_DATA` rather than `RLIMIT_AS`: it counts what is private and writable, and the filter refuses all other ways to get
/// memory (shared, growing down, memfd, pipes).
///
/// The last ones limit nothing that a guest could use. They are the same for all, because a guest can read them.
fn table(limits: &Limits) -> [(libc::__rlimit_resource_t, u64); 14] {
    [
        (libc::RLIMIT_DATA, limits.memory_bytes),
        (libc::RLIMIT_STACK, limits.stack_bytes),
        (libc::RLIMIT_NOFILE, limits.open_files),
        (libc::RLIMIT_FSIZE, limits.file_bytes_max),
        (libc::RLIMIT_CORE, 0),
        (libc::RLIMIT_MEMLOCK, 0),
        (libc::RLIMIT_MSGQUEUE, 0),
        (libc::RLIMIT_RTPRIO, 0),
        (libc::RLIMIT_LOCKS, 0),
        (libc::RLIMIT_NICE, 0),
        (libc::RLIMIT_RSS, 0),
        (libc::RLIMIT_RTTIME, at_most(Resource::Rttime)),
        (libc::RLIMIT_SIGPENDING, 0),
        (libc::RLIMIT_AS, at_most(Resource::As)),
    ]
}

/// More than there is memory, or a run takes. A host that may have less says so by itself.
fn at_most(resource: Resource) -> u64 {
    const USUAL: u64 = 1 << 46;
    getrlimit(resource).maximum.map_or(USUAL, |maximum| maximum.min(USUAL))
}

fn set(script: &mut Script, resource: libc::__rlimit_resource_t, soft: u64, hard: u64) {
    let limit = script.words(&[soft, hard]);
    script.call("setrlimit", libc::SYS_prlimit64, &[0.into(), resource.into(), limit.into(), 0.into()]);
}
