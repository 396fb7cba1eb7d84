//! Who a process is, to the kernel and to the machine.

use crate::{answered, seen, text};
use orket_runtime::prelude::*;
use std::mem::zeroed;

/// The number of the process.
#[workload]
pub fn pid(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::process::id())
}

/// A generator that is seeded with it.
#[workload]
pub fn pid_seeded(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: neither can be given anything wrong.
    seen(unsafe {
        libc::srand(std::process::id());
        libc::rand()
    })
}

/// The number of the process that started it.
#[workload]
pub fn parent_pid(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::os::unix::process::parent_id())
}

/// Its group and its session.
#[workload]
pub fn sessions(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: neither can be given anything wrong.
    seen(unsafe { (libc::getpgid(0), libc::getsid(0)) })
}

/// The number of the thread.
#[workload]
pub fn thread_number(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: it has no arguments.
    seen(answered(unsafe { libc::syscall(libc::SYS_gettid) })?)
}

/// The user and the group.
#[workload]
pub fn own_user(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: none has arguments.
    seen(unsafe { (libc::getuid(), libc::geteuid(), libc::getgid(), libc::getegid()) })
}

/// Further groups.
#[workload]
pub fn groups(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut groups = [0; 64];
    // SAFETY: as many places as there are.
    let count = answered(unsafe { libc::getgroups(64, groups.as_mut_ptr()) })?;
    seen(&groups[..usize::try_from(count)?])
}

/// The name of the machine.
#[workload]
pub fn host_name(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut name = [0; 256];
    // SAFETY: one place less than there are.
    answered(unsafe { libc::gethostname(name.as_mut_ptr(), 255) })?;
    seen(text(name.as_ptr()))
}

/// The release of the kernel.
#[workload]
pub fn kernel_release(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: characters alone, for which zero is a value.
    let mut name: libc::utsname = unsafe { zeroed() };
    // SAFETY: the place is large enough.
    answered(unsafe { libc::uname(&raw mut name) })?;
    seen((text(name.release.as_ptr()), text(name.version.as_ptr())))
}

/// The number that an installation of the system has.
#[workload]
pub fn machine_id(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::read_to_string("/etc/machine-id")?)
}

/// How little the process insists on a processor.
#[workload]
pub fn niceness(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: neither can be given anything wrong.
    seen(unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) })
}

/// By which rules it gets one.
#[workload]
pub fn scheduler(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: it cannot be given anything wrong.
    seen(answered(unsafe { libc::sched_getscheduler(0) })?)
}

/// How the kernel treats it for the sake of older programs.
#[workload]
pub fn personality(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: a question.
    seen(answered(unsafe { libc::personality(0xffff_ffff) })?)
}

/// Signals that its parent has blocked.
#[workload]
pub fn signals_blocked(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut set: libc::sigset_t = unsafe { zeroed() };
    // SAFETY: a question whose answer has a place.
    answered(unsafe { libc::sigprocmask(libc::SIG_BLOCK, std::ptr::null(), &raw mut set) })?;
    // SAFETY: the set is filled.
    seen(
        (1..32)
            .filter(|signal| unsafe { libc::sigismember(&raw const set, *signal) } == 1)
            .collect::<Vec<_>>(),
    )
}

/// Signals that its parent has switched off.
#[workload]
pub fn signals_ignored(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let is_ignored = |signal: &i32| {
        // SAFETY: numbers and a function that is not called, for which zero is a value.
        let mut action: libc::sigaction = unsafe { zeroed() };
        // SAFETY: a question whose answer has a place.
        let asked = unsafe { libc::sigaction(*signal, std::ptr::null(), &raw mut action) };
        asked == 0 && action.sa_sigaction == libc::SIG_IGN
    };
    seen((1..32).filter(is_ignored).collect::<Vec<_>>())
}
