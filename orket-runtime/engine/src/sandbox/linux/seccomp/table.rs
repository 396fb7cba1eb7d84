//! The table: what a guest needs of the kernel. A table may be long.
//!
//! Chosen so that `std`, a dynamic loader and an allocator work in one process (or one process with threads), and so that
//! nothing else does: no socket, no other process, no path of the host, no memory that no limit counts.

use super::{Action, Rule, Subject, Test};
use libc::{c_int, c_long};

/// System calls without a rule. From 424 on (the numbers that all architectures share, since Linux 5.1) libc asks for a call
/// first and falls back to an older one, but only if it "does not exist".
pub(super) const FALLBACK: [(u32, Action); 2] =
    [(0, Action::Errno(libc::EPERM)), (424, Action::Errno(libc::ENOSYS))];

/// Harmless whatever the arguments are.
const ALLOWED: &[c_long] = &[
    // Files that are open, or that Landlock lets be opened.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_getdents64,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_ppoll,
    // The socket it was given. There is no other, and none can be had.
    libc::SYS_shutdown,
    libc::SYS_recvfrom,
    // Memory that RLIMIT_DATA counts.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_msync,
    // Itself.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_futex,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_sched_yield,
    // A dynamic loader before glibc 2.37 looks for the version of the kernel and starts nothing without.
    libc::SYS_uname,
];

/// What tells one moment or machine from another. Without, it "does not exist": that is what libc's start bears.
const AMBIENT: &[c_long] = &[
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_sysinfo,
    // The kernel writes the number of the processor to it.
    libc::SYS_rseq,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];

/// Older forms of what is allowed above, which this architecture still has.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[c_long] = &[
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_dup2,
    libc::SYS_poll,
];
/// `renameat`, for which the libc crate has no name here.
#[cfg(target_arch = "aarch64")]
const ALLOWED_HERE: &[c_long] = &[38];

/// Refused with another error than the fallback's.
const ANSWERED: &[(c_long, c_int)] = &[
    // libc falls back to `clone`, whose flags can be judged; those of `clone3` are behind a pointer.
    (libc::SYS_clone3, libc::ENOSYS),
    (libc::SYS_openat2, libc::ENOSYS),
    (libc::SYS_membarrier, libc::ENOSYS),
    // `posix_fallocate` then writes instead.
    (libc::SYS_fallocate, libc::EOPNOTSUPP),
    // Appears done: `fs::copy` ends with it and would fail, and the mode of an artifact has no meaning. It must not be done,
    // because Landlock does not see it and the materials belong to the same user.
    (libc::SYS_fchmod, 0),
];

const fn low(argument: usize, mask: c_int, value: c_int) -> Test {
    Test { argument, mask: mask as u32 as u64, value: value as u32 as u64 }
}

const fn is(argument: usize, value: u32) -> Test {
    Test { argument, mask: u32::MAX as u64, value: value as u64 }
}

const fn is_null(argument: usize) -> Test {
    Test { argument, mask: u64::MAX, value: 0 }
}

const PROT_GROWS: c_int = libc::PROT_GROWSDOWN | libc::PROT_GROWSUP;
/// What a mapping is, and ways to have memory that RLIMIT_DATA does not count.
const MAP_KIND: c_int = libc::MAP_TYPE | libc::MAP_GROWSDOWN | libc::MAP_HUGETLB;
const WRITE_AND_EXECUTE: c_int = libc::PROT_WRITE | libc::PROT_EXEC;

/// Private memory; a file, shared; code, from a file and never writable, as the dynamic loader maps it.
fn mmap() -> Vec<Vec<Test>> {
    let kind = MAP_KIND | libc::MAP_ANONYMOUS;
    vec![
        vec![low(2, libc::PROT_EXEC | PROT_GROWS, 0), low(3, MAP_KIND, libc::MAP_PRIVATE)],
        vec![low(2, libc::PROT_EXEC | PROT_GROWS, 0), low(3, kind, libc::MAP_SHARED)],
        vec![low(2, WRITE_AND_EXECUTE | PROT_GROWS, libc::PROT_EXEC), low(3, kind, libc::MAP_PRIVATE)],
    ]
}

/// Neither an unnamed temporary file nor a handle that only names a place, nor signals on readiness.
fn open(flags: usize) -> Vec<Vec<Test>> {
    const TMPFILE: c_int = 0o20_000_000;
    vec![vec![low(flags, libc::O_PATH | TMPFILE | libc::O_ASYNC, 0)]]
}

/// One argument out of a closed list.
fn one_of(argument: usize, values: &[c_int]) -> Vec<Vec<Test>> {
    let one = |value: &c_int| vec![low(argument, -1, *value)];
    values.iter().map(one).collect()
}

const FCNTL: &[c_int] = &[libc::F_DUPFD, libc::F_DUPFD_CLOEXEC, libc::F_GETFD, libc::F_SETFD, libc::F_GETFL];

/// A closed list of commands, and flags of a file but for signals on readiness.
fn fcntl() -> Vec<Vec<Test>> {
    let mut alternatives = one_of(1, FCNTL);
    alternatives.push(vec![low(1, -1, libc::F_SETFL), low(2, libc::O_ASYNC, 0)]);
    alternatives
}

/// Not the clock of a process, which numbers below zero name: it tells of others.
fn clock() -> Vec<Vec<Test>> {
    vec![vec![low(0, c_int::MIN, 0)]]
}

/// Ambient as well, and judged.
const CLOCKS: &[c_long] = &[libc::SYS_clock_gettime, libc::SYS_clock_getres, libc::SYS_clock_nanosleep];

/// Its name, and to hear from the processor instead of learning the time from it.
fn prctl() -> Vec<Vec<Test>> {
    let mut alternatives = one_of(0, &[libc::PR_SET_NAME, libc::PR_GET_NAME, libc::PR_GET_TSC]);
    alternatives.push(vec![low(0, -1, libc::PR_SET_TSC), low(1, -1, libc::PR_TSC_SIGSEGV)]);
    alternatives
}

/// Two descriptor flags that `std` sets this way. Everything else is "not a terminal".
const IOCTL: &[c_int] = &[0x5421, 0x5450, 0x5451];
const MADVISE: &[c_int] = &[
    libc::MADV_NORMAL,
    libc::MADV_RANDOM,
    libc::MADV_SEQUENTIAL,
    libc::MADV_WILLNEED,
    libc::MADV_DONTNEED,
    libc::MADV_FREE,
    libc::MADV_HUGEPAGE,
    libc::MADV_NOHUGEPAGE,
];

/// Exactly the flags with which libc starts a thread; musl adds one that means nothing.
const THREAD: c_int = libc::CLONE_VM
    | libc::CLONE_FS
    | libc::CLONE_FILES
    | libc::CLONE_SIGHAND
    | libc::CLONE_THREAD
    | libc::CLONE_SYSVSEM
    | libc::CLONE_SETTLS
    | libc::CLONE_PARENT_SETTID
    | libc::CLONE_CHILD_CLEARTID;

/// What depends on arguments.
fn judged(subject: &Subject) -> Vec<(c_long, Vec<Vec<Test>>, c_int)> {
    let itself = vec![vec![is(0, subject.pid)]];
    let mut judged = vec![
        (libc::SYS_openat, open(2), libc::EPERM),
        (libc::SYS_fcntl, fcntl(), libc::EINVAL),
        (libc::SYS_ioctl, one_of(1, IOCTL), libc::ENOTTY),
        (libc::SYS_madvise, one_of(2, MADVISE), libc::EINVAL),
        (libc::SYS_mmap, mmap(), libc::EPERM),
        (libc::SYS_mprotect, vec![vec![low(2, libc::PROT_EXEC | PROT_GROWS, 0)]], libc::EPERM),
        // Without an address, so that it sends where the socket is connected to.
        (libc::SYS_sendto, vec![vec![is_null(4)]], libc::EPERM),
        // A signal to itself: how `abort` ends.
        (libc::SYS_tgkill, itself.clone(), libc::EPERM),
        (libc::SYS_kill, itself, libc::EPERM),
        // Its own limits, to read them.
        (libc::SYS_prlimit64, vec![vec![is(0, 0), is_null(2)]], libc::EPERM),
        (libc::SYS_prctl, prctl(), libc::EINVAL),
        // The launcher's last call.
        (libc::SYS_execveat, vec![vec![is(0, subject.executable), is(4, 0x1000)]], libc::EPERM),
    ];
    if subject.ambient {
        let itself = vec![vec![is(0, 0)], vec![is(0, subject.pid)]];
        judged.push((libc::SYS_sched_getaffinity, itself, libc::EPERM));
        judged.extend(CLOCKS.iter().map(|call| (*call, clock(), libc::EINVAL)));
    }
    if subject.threads {
        const DETACHED: c_int = 0x0040_0000;
        judged.push((libc::SYS_clone, vec![vec![low(0, !DETACHED, THREAD)]], libc::EPERM));
    }
    judged.extend(judged_here());
    judged
}

#[cfg(target_arch = "x86_64")]
fn judged_here() -> Vec<(c_long, Vec<Vec<Test>>, c_int)> {
    /// The loader's thread register; the rest is shadow stacks and faulting `cpuid`.
    const SET_FS: c_int = 0x1002;
    vec![(libc::SYS_open, open(1), libc::EPERM), (libc::SYS_arch_prctl, one_of(0, &[SET_FS]), libc::EINVAL)]
}
#[cfg(target_arch = "aarch64")]
fn judged_here() -> Vec<(c_long, Vec<Vec<Test>>, c_int)> {
    Vec::new()
}

/// Every rule, ascending.
pub(super) fn rules(subject: &Subject) -> Vec<Rule> {
    let number = |number: c_long| u32::try_from(number).unwrap_or_default();
    let plain = |call, otherwise| Rule { number: number(call), alternatives: Vec::new(), otherwise };
    let mut rules: Vec<Rule> = Vec::new();
    let allowed = ALLOWED.iter().chain(ALLOWED_HERE);
    rules.extend(allowed.map(|call| plain(*call, Action::Allow)));
    let ambient = if subject.ambient { Action::Allow } else { Action::Errno(libc::ENOSYS) };
    rules.extend(AMBIENT.iter().map(|call| plain(*call, ambient)));
    if !subject.ambient {
        let refused = CLOCKS.iter().chain(&[libc::SYS_sched_getaffinity]);
        rules.extend(refused.map(|call| plain(*call, ambient)));
    }
    rules.extend(ANSWERED.iter().map(|(call, errno)| plain(*call, Action::Errno(*errno))));
    rules.extend(judged(subject).into_iter().map(|(call, alternatives, errno)| Rule {
        number: number(call),
        alternatives,
        otherwise: Action::Errno(errno),
    }));
    rules.sort_by_key(|rule| rule.number);
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(in super::super) fn subject(threads: bool) -> Subject {
        Subject { pid: 4711, executable: 64, threads, ambient: threads }
    }

    fn rule(call: c_long) -> Option<Rule> {
        let rules = rules(&subject(false));
        rules.into_iter().find(|rule| i64::from(rule.number) == call)
    }

    #[test]
    fn every_call_has_one_rule_and_every_test_can_hold() {
        for threads in [false, true] {
            let rules = rules(&subject(threads));
            assert!(rules.is_sorted_by(|a, b| a.number < b.number));
            let tests = rules.iter().flat_map(|rule| rule.alternatives.iter().flatten());
            for test in tests {
                assert_eq!(test.value & !test.mask, 0, "{test:?}");
                assert!(test.argument < 6);
            }
        }
    }

    #[test]
    fn what_tells_moments_apart_does_not_exist_for_who_needs_none_of_it() {
        for call in AMBIENT.iter().chain(CLOCKS).chain(&[libc::SYS_sched_getaffinity]) {
            let refused = rule(*call).map(|rule| (rule.alternatives, rule.otherwise));
            assert_eq!(refused, Some((Vec::new(), Action::Errno(libc::ENOSYS))), "system call {call}");
        }
    }

    #[test]
    fn what_makes_sockets_processes_and_hidden_memory_has_no_rule() {
        for call in [
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_sendmsg,
            libc::SYS_recvmsg,
            libc::SYS_clone,
            libc::SYS_execve,
            libc::SYS_setsid,
            libc::SYS_setpgid,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_memfd_create,
            libc::SYS_mount,
            libc::SYS_unshare,
            libc::SYS_bpf,
            libc::SYS_userfaultfd,
            libc::SYS_keyctl,
            libc::SYS_perf_event_open,
            libc::SYS_personality,
            libc::SYS_getcwd,
            libc::SYS_readlinkat,
            libc::SYS_chdir,
            libc::SYS_pipe2,
            libc::SYS_shmget,
            libc::SYS_setrlimit,
            libc::SYS_tkill,
            libc::SYS_linkat,
            libc::SYS_symlinkat,
            libc::SYS_fchmodat,
            libc::SYS_truncate,
        ] {
            assert_eq!(rule(call), None, "system call {call}");
        }
    }

    #[test]
    fn nothing_that_is_judged_is_allowed_otherwise() {
        for rule in rules(&subject(true)) {
            let judged = !rule.alternatives.is_empty();
            assert!(!judged || matches!(rule.otherwise, Action::Errno(errno) if errno != 0));
        }
    }
}
