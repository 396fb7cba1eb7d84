//! Processes: to make others, to leave one's own group, to look into or steer those of the host.

use crate::attempt::{Attempt, attempt};
use crate::sys::{call, descriptor, end, fork, reached, shown};
use std::fs::OpenOptions;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

const OTHERS: &str = "the right to look into another process";

pub(crate) const MAKE: &[Attempt] = &[
    attempt("fork", |_| fork(|| ()).map(end)),
    attempt("clone-without-flags", |_| started(call!(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0))),
    attempt("clone-that-shares-files", |_| {
        started(call!(libc::SYS_clone, libc::CLONE_FILES | libc::CLONE_FS | libc::SIGCHLD, 0, 0, 0, 0))
    }),
    attempt("clone-that-is-a-sibling", |_| {
        started(call!(libc::SYS_clone, libc::CLONE_PARENT | libc::SIGCHLD, 0, 0, 0, 0))
    }),
    attempt("clone3", |_| {
        let words = [0_u64, 0, 0, 0, 17, 0, 0, 0];
        started(call!(libc::SYS_clone3, words.as_ptr(), 64))
    }),
    attempt("thread", |_| std::thread::Builder::new().spawn(|| ()).map(|thread| drop(thread.join()))),
    attempt("daemon", |_| {
        fork(|| {
            // SAFETY: plain calls in a process of its own.
            unsafe { libc::setsid() };
        })
        .map(end)
    }),
    // In a process of its own where one can be made: outside, the suite's own child is a leader already.
    attempt("new-session", |_| call!(libc::SYS_setsid).map(drop)),
    attempt("new-group", |_| call!(libc::SYS_setpgid, 0, 0).map(drop)),
    attempt("join-group-of-host", |at| {
        let group = call!(libc::SYS_getpgid, at.host)?;
        call!(libc::SYS_setpgid, 0, group).map(drop)
    }),
    attempt("ignore-end-of-host", |_| call!(libc::SYS_prctl, libc::PR_SET_PDEATHSIG, 0, 0, 0, 0).map(drop)),
    attempt("adopt-orphans", |_| call!(libc::SYS_prctl, libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0).map(drop)),
    attempt("be-traced-by-anyone", |_| {
        call!(libc::SYS_prctl, libc::PR_SET_PTRACER, u64::MAX, 0, 0, 0).map(drop)
    })
    .given("Yama"),
    attempt("be-traced-by-parent", |_| call!(libc::SYS_ptrace, libc::PTRACE_TRACEME, 0, 0, 0).map(drop)),
    attempt("leave-no-core-rule", |_| call!(libc::SYS_prctl, libc::PR_SET_DUMPABLE, 0, 0, 0, 0).map(drop)),
    attempt("rewrite-own-image", |_| {
        let (set, end_of_code) = (libc::PR_SET_MM, libc::PR_SET_MM_EXE_FILE);
        let own = std::fs::File::open("/proc/self/exe")?;
        reached(call!(libc::SYS_prctl, set, end_of_code, own.as_raw_fd(), 0, 0), &[libc::EBUSY])
    })
    .root_only()
    .given("CAP_SYS_RESOURCE"),
    attempt("share-core-with-another", |at| {
        // PR_SCHED_CORE, to ask for the cookie of another process.
        let mut cookie = 0_u64;
        call!(libc::SYS_prctl, 62, 0, at.victim, 0, &raw mut cookie).map(drop)
    })
    .given("core scheduling"),
    attempt("weaken-processor-mitigations", |_| {
        let (set, bypass, enable) = (libc::PR_SET_SPECULATION_CTRL, 0, 2);
        call!(libc::SYS_prctl, set, bypass, enable, 0, 0).map(drop)
    })
    .given("a mitigation that a process may switch off"),
];

pub(crate) const OTHER: &[Attempt] = &[
    attempt("trace-another", |at| {
        call!(libc::SYS_ptrace, libc::PTRACE_ATTACH, at.victim, 0, 0)?;
        // SAFETY: a plain number; no status is asked for.
        unsafe { libc::waitpid(at.victim, std::ptr::null_mut(), libc::__WALL) };
        call!(libc::SYS_ptrace, libc::PTRACE_DETACH, at.victim, 0, 0).map(drop)
    })
    .given(OTHERS),
    attempt("trace-another-without-a-stop", |at| {
        call!(libc::SYS_ptrace, libc::PTRACE_SEIZE, at.victim, 0, 0).map(drop)
    })
    .given(OTHERS),
    attempt("trace-host", |at| call!(libc::SYS_ptrace, libc::PTRACE_SEIZE, at.host, 0, 0).map(drop))
        .given(OTHERS),
    attempt("open-memory-of-another", |at| {
        OpenOptions::new().write(true).open(format!("/proc/{}/mem", at.victim)).map(drop)
    })
    .given(OTHERS),
    attempt("read-memory-of-another", |at| {
        reached(call!(libc::SYS_process_vm_readv, at.victim, one(), 1, one(), 1, 0), &[libc::EFAULT])
    })
    .given(OTHERS),
    attempt("write-memory-of-another", |at| {
        reached(call!(libc::SYS_process_vm_writev, at.victim, one(), 1, one(), 1, 0), &[libc::EFAULT])
    })
    .given(OTHERS),
    attempt("hold-another", |at| handle(at.victim).map(drop)),
    attempt("hold-host", |at| handle(at.host).map(drop)),
    attempt("take-descriptor-of-another", |at| {
        let process = handle(at.victim)?;
        descriptor(call!(libc::SYS_pidfd_getfd, process.as_raw_fd(), 0, 0)).map(drop)
    })
    .given(OTHERS),
    attempt("take-descriptor-of-host", |at| {
        let process = handle(at.host)?;
        descriptor(call!(libc::SYS_pidfd_getfd, process.as_raw_fd(), 1, 0)).map(drop)
    })
    .given(OTHERS),
    attempt("compare-with-another", |at| {
        call!(libc::SYS_kcmp, std::process::id(), at.victim, 0, 0, 0).map(drop)
    })
    .given("kcmp"),
    attempt("limits-of-another", |at| {
        let mut found = [0_u64; 2];
        let limit = libc::RLIMIT_NOFILE;
        call!(libc::SYS_prlimit64, at.victim, limit, 0, found.as_mut_ptr()).map(drop)
    }),
    attempt("set-limits-of-another", |at| {
        let lower = [100_u64, 1000];
        call!(libc::SYS_prlimit64, at.victim, libc::RLIMIT_NOFILE, lower.as_ptr(), 0).map(drop)
    }),
    attempt("priority-of-another", |at| {
        call!(libc::SYS_setpriority, libc::PRIO_PROCESS, at.victim, 5).map(drop)
    }),
    attempt("priority-of-user", |_| call!(libc::SYS_getpriority, libc::PRIO_USER, 0).map(drop)),
    attempt("processors-of-another", |at| {
        let first = [1_u64];
        call!(libc::SYS_sched_setaffinity, at.victim, 8, first.as_ptr()).map(drop)
    }),
    attempt("see-processors-of-another", |at| {
        let mut found = [0_u64; 128];
        call!(libc::SYS_sched_getaffinity, at.victim, 1024, found.as_mut_ptr()).map(drop)
    }),
    attempt("scheduler-of-another", |at| {
        let idle = [0_i32];
        call!(libc::SYS_sched_setscheduler, at.victim, libc::SCHED_BATCH, idle.as_ptr()).map(drop)
    }),
    attempt("see-scheduler-of-another", |at| call!(libc::SYS_sched_getscheduler, at.victim).map(drop)),
    attempt("real-time-for-itself", |_| {
        let first = [1_i32];
        call!(libc::SYS_sched_setscheduler, 0, libc::SCHED_FIFO, first.as_ptr()).map(drop)
    })
    .root_only()
    .given("real-time scheduling in this control group"),
    attempt("disk-priority-of-another", |at| {
        call!(libc::SYS_ioprio_set, 1, at.victim, 2 << 13 | 7).map(drop)
    }),
    attempt("group-of-another", |at| call!(libc::SYS_getpgid, at.victim).map(drop)),
    attempt("session-of-another", |at| call!(libc::SYS_getsid, at.victim).map(drop)),
    attempt("advise-on-memory-of-another", |at| {
        let process = handle(at.victim)?;
        let cold = 20;
        reached(
            call!(libc::SYS_process_madvise, process.as_raw_fd(), one(), 1, cold, 0),
            &[libc::EFAULT, libc::ENOMEM, libc::EINVAL],
        )
    })
    .root_only()
    .given("process_madvise"),
    attempt("release-memory-of-another", |at| {
        let process = handle(at.victim)?;
        // It is not dying, which the kernel finds out last.
        reached(call!(448, process.as_raw_fd(), 0), &[libc::EINVAL])
    })
    .given("Linux 5.15"),
    attempt("move-memory-of-another", |at| {
        let nodes = [1_u64];
        call!(libc::SYS_migrate_pages, at.victim, 64, nodes.as_ptr(), nodes.as_ptr()).map(drop)
    })
    .given("memory nodes"),
    attempt("see-locks-of-another", |at| {
        let (mut head, mut size) = (0_u64, 0_u64);
        call!(libc::SYS_get_robust_list, at.victim, &raw mut head, &raw mut size).map(drop)
    })
    .given(OTHERS),
    attempt("clock-of-another", |at| {
        let (clock, mut time) = (!(at.victim) << 3 | 2, [0_i64; 2]);
        call!(libc::SYS_clock_gettime, clock, time.as_mut_ptr())?;
        shown(time != [0; 2])
    }),
    attempt("learn-parent", |at| {
        let parent = call!(libc::SYS_getppid)?;
        shown(parent == i64::from(at.host))
    }),
    attempt("wait-for-any-process", |at| {
        // The kernel says "not your child" only to who may ask.
        reached(call!(libc::SYS_wait4, at.victim, 0, libc::WNOHANG, 0), &[libc::ECHILD])
    }),
];

/// A child of the attempt's own: the calls return in it, too.
pub(crate) fn started(answer: io::Result<i64>) -> io::Result<()> {
    match answer? {
        // SAFETY: the child ends at once, without running what its parent has registered.
        0 => unsafe { libc::_exit(0) },
        child => {
            end(i32::try_from(child).unwrap_or_default());
            Ok(())
        }
    }
}

pub(crate) fn handle(process: i32) -> io::Result<OwnedFd> {
    descriptor(call!(libc::SYS_pidfd_open, process, 0))
}

/// A part of memory that is at no process's address.
fn one() -> *const libc::iovec {
    struct Part(libc::iovec);
    // SAFETY: the address is only a number to the kernel.
    unsafe impl Sync for Part {}
    static PART: Part = Part(libc::iovec { iov_base: std::ptr::without_provenance_mut(8), iov_len: 8 });
    &raw const PART.0
}
