//! What kind of machine it is, and how busy: counts, limits, loads. And the way to the kernel past libc.

use crate::{answered, seen};
use orket_runtime::prelude::*;
use std::io;
use std::mem::zeroed;
use std::net::ToSocketAddrs;

/// A system call by an instruction of this program.
pub(crate) fn system_call(number: libc::c_long, [a, b, c]: [usize; 3]) -> io::Result<isize> {
    let answer: isize;
    // SAFETY: the callers pass places that are large enough for what they ask for.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::asm!("syscall", inlateout("rax") number as isize => answer, in("rdi") a, in("rsi") b, in("rdx") c,
            lateout("rcx") _, lateout("r11") _);
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        std::arch::asm!("svc 0", in("x8") number, inlateout("x0") a as isize => answer, in("x1") b, in("x2") c);
    }
    if answer < 0 {
        Err(io::Error::from_raw_os_error(i32::try_from(-answer).unwrap_or(0)))
    } else {
        Ok(answer)
    }
}

/// How many processors a program may use: most divide their work by it.
#[workload]
pub fn usable_processors(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::thread::available_parallelism().ok())
}

/// How many there are.
#[workload]
pub fn processors_online(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: it cannot be given anything wrong.
    seen(unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) })
}

/// Which ones it may use.
#[workload]
pub fn affinity(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut mask = [0_u64; 16];
    // SAFETY: as many bytes as there are.
    answered(unsafe { libc::sched_getaffinity(0, size_of_val(&mask), mask.as_mut_ptr().cast()) })?;
    seen(mask)
}

/// Which one it is on.
#[workload]
pub fn current_processor(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: it has no arguments.
    seen(unsafe { libc::sched_getcpu() })
}

/// The files that may be open at once: some programs size their batches by it.
#[workload]
pub fn limit_of_files(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(limit(libc::RLIMIT_NOFILE)?)
}

/// How large the stack may become.
#[workload]
pub fn limit_of_stack(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(limit(libc::RLIMIT_STACK)?)
}

fn limit(which: libc::__rlimit_resource_t) -> io::Result<(u64, u64)> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut limit: libc::rlimit = unsafe { zeroed() };
    // SAFETY: the place is large enough.
    answered(unsafe { libc::getrlimit(which, &raw mut limit) })?;
    Ok((limit.rlim_cur, limit.rlim_max))
}

fn system() -> io::Result<libc::sysinfo> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut info: libc::sysinfo = unsafe { zeroed() };
    // SAFETY: the place is large enough.
    answered(unsafe { libc::sysinfo(&raw mut info) })?;
    Ok(info)
}

/// How much memory the machine has: caches are sized by it.
#[workload]
pub fn total_memory(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(system()?.totalram)
}

/// How much of it is free.
#[workload]
pub fn free_memory(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let info = system()?;
    seen((info.freeram, info.uptime, info.procs))
}

/// How busy the machine is.
#[workload]
pub fn load_average(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::read_to_string("/proc/loadavg")?)
}

/// What memory lies on a disk.
#[workload]
pub fn swap_file(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::read_to_string("/proc/meminfo")?)
}

/// How much space a disk has left.
#[workload]
pub fn disk_free(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut disk: libc::statvfs = unsafe { zeroed() };
    // SAFETY: a string that ends, and a place that is large enough.
    answered(unsafe { libc::statvfs(c".".as_ptr(), &raw mut disk) })?;
    seen((disk.f_bfree, disk.f_ffree))
}

/// What the process has used so far.
#[workload]
pub fn resource_usage(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut usage: libc::rusage = unsafe { zeroed() };
    // SAFETY: the place is large enough.
    answered(unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) })?;
    seen((usage.ru_maxrss, usage.ru_minflt, usage.ru_nvcsw, usage.ru_stime.tv_usec))
}

/// What the processor can do, as the kernel says it.
#[workload]
pub fn hardware_bits(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: no argument of it can be wrong.
    seen(unsafe { (libc::getauxval(libc::AT_HWCAP), libc::getauxval(libc::AT_HWCAP2)) })
}

/// The control group of the process.
#[workload]
pub fn cgroup(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::read_to_string("/proc/self/cgroup")?)
}

/// What a name means on this machine's network.
#[workload]
pub fn host_addresses(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(("localhost", 80).to_socket_addrs()?.collect::<Vec<_>>())
}
