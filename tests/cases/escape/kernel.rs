//! The kernel's own settings, and the parts of it that are rarely used and so have the most mistakes.

use crate::attempt::{Attempt, attempt};
use crate::sys::{call, descriptor, path, reached};
use std::fs::File;
use std::os::fd::AsRawFd;

pub(crate) const SETTINGS: &[Attempt] = &[
    attempt("host-name", |_| {
        let mut name = [0_i8; 65];
        // SAFETY: the buffer is alive and as long as is said.
        crate::sys::answer(unsafe { libc::gethostname(name.as_mut_ptr().cast(), 64) }.into())?;
        let length = name.iter().take_while(|byte| **byte != 0).count();
        call!(libc::SYS_sethostname, name.as_ptr(), length).map(drop)
    })
    .root_only(),
    attempt("domain-name", |_| reached(call!(libc::SYS_setdomainname, 0, -1), &[libc::EINVAL])).root_only(),
    attempt("clock", |_| {
        // A time that does not exist, which the kernel says after it has looked for the right.
        let never = [0_i64, -1];
        reached(call!(libc::SYS_clock_settime, libc::CLOCK_REALTIME, never.as_ptr()), &[libc::EINVAL])
    })
    .given("a kernel that looks for the right first"),
    attempt("clock-adjusted", |_| {
        let mut change = [0_u64; 26];
        // ADJ_MAXERROR, which changes what is said of the clock and not the clock.
        change[0] = 0x0004;
        change[3] = 16_000_000;
        call!(libc::SYS_adjtimex, change.as_mut_ptr()).map(drop)
    })
    .root_only(),
    attempt("clock-read-by-adjusting", |_| {
        let mut change = [0_u64; 26];
        call!(libc::SYS_clock_adjtime, libc::CLOCK_REALTIME, change.as_mut_ptr()).map(drop)
    }),
    attempt("time-zone", |_| {
        let mut zone = [0_i32; 2];
        call!(libc::SYS_gettimeofday, 0, zone.as_mut_ptr())?;
        call!(libc::SYS_settimeofday, 0, zone.as_ptr()).map(drop)
    })
    .root_only(),
    attempt("reboot", |_| {
        // The first magic number is wrong, so nothing comes of it.
        reached(call!(libc::SYS_reboot, 1, 2, 3, 0), &[libc::EINVAL])
    })
    .root_only(),
    attempt("load-module", |_| {
        reached(call!(libc::SYS_init_module, c"none".as_ptr(), 4, c"".as_ptr()), &[libc::ENOEXEC])
    })
    .root_only()
    .given("loadable modules"),
    attempt("load-module-file", |_| {
        let file = File::open("workspace/material")?;
        let loaded = call!(libc::SYS_finit_module, file.as_raw_fd(), c"".as_ptr(), 0);
        reached(loaded, &[libc::ENOEXEC])
    })
    .root_only()
    .given("loadable modules"),
    attempt("unload-module", |_| {
        reached(call!(libc::SYS_delete_module, c"orket_none".as_ptr(), libc::O_NONBLOCK), &[libc::ENOENT])
    })
    .root_only()
    .given("loadable modules"),
    attempt("load-kernel", |_| reached(call!(libc::SYS_kexec_load, 0, 17, 0, 0), &[libc::EINVAL]))
        .root_only()
        .given("kexec"),
    attempt("swap-on", |_| {
        let file = path("workspace/material");
        reached(call!(libc::SYS_swapon, file.as_ptr(), 0), &[libc::EINVAL])
    })
    .root_only()
    .given("swap"),
    attempt("swap-off", |_| {
        let file = path("workspace/material");
        reached(call!(libc::SYS_swapoff, file.as_ptr()), &[libc::EINVAL])
    })
    .root_only()
    .given("swap"),
    attempt("accounting", |_| {
        let folder = path("workspace/folder");
        reached(call!(libc::SYS_acct, folder.as_ptr()), &[libc::EISDIR, libc::EACCES])
    })
    .root_only()
    .given("accounting"),
    attempt("kernel-log", |_| {
        let (size_of_buffer, mut nothing) = (10, [0_u8; 1]);
        call!(libc::SYS_syslog, size_of_buffer, nothing.as_mut_ptr(), 0).map(drop)
    })
    .given("a kernel log that anyone may read"),
    attempt("kernel-log-read", |_| {
        let (read_all, mut text) = (3, [0_u8; 256]);
        call!(libc::SYS_syslog, read_all, text.as_mut_ptr(), text.len()).map(drop)
    })
    .root_only(),
    attempt("hang-up-terminal", |_| call!(libc::SYS_vhangup).map(drop)).root_only(),
];

pub(crate) const SURFACE: &[Attempt] = &[
    attempt("io-ring", |_| {
        let mut parameters = [0_u64; 15];
        descriptor(call!(libc::SYS_io_uring_setup, 1, parameters.as_mut_ptr())).map(drop)
    })
    .given("io_uring"),
    attempt("io-ring-restrictions", |_| {
        // Registers with no ring at all, which the kernel says of the descriptor.
        reached(call!(libc::SYS_io_uring_register, 0, 0, 0, 0), &[libc::EOPNOTSUPP, libc::EINVAL])
    })
    .given("io_uring"),
    attempt("io-ring-enter", |_| {
        reached(call!(libc::SYS_io_uring_enter, 0, 0, 0, 0, 0, 0), &[libc::EOPNOTSUPP])
    })
    .given("io_uring"),
    attempt("asynchronous-io", |_| {
        let mut context = 0_u64;
        call!(libc::SYS_io_setup, 1, &raw mut context).map(drop)
    })
    .given("asynchronous input and output"),
    attempt("kernel-program", |_| {
        let nothing = [0_u64; 16];
        reached(call!(libc::SYS_bpf, 5, nothing.as_ptr(), 128), &[libc::EINVAL, libc::E2BIG, libc::EFAULT])
    })
    .root_only()
    .given("BPF"),
    attempt("kernel-map", |_| {
        let array = [2_u32, 4, 8, 1, 0, 0, 0, 0];
        descriptor(call!(libc::SYS_bpf, 0, array.as_ptr(), 32)).map(drop)
    })
    .root_only()
    .given("BPF"),
    attempt("count-own-events", |_| count_events(0)).given("performance events"),
    attempt("count-events-of-another", |at| count_events(at.victim)).given("performance events"),
    attempt("further-filter", |_| {
        let mut allow = libc::sock_filter { code: 6, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW };
        let program = libc::sock_fprog { len: 1, filter: &raw mut allow };
        call!(libc::SYS_prctl, libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)?;
        call!(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program).map(drop)
    }),
    attempt("further-filter-with-listener", |_| {
        let mut allow = libc::sock_filter { code: 6, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW };
        let program = libc::sock_fprog { len: 1, filter: &raw mut allow };
        call!(libc::SYS_prctl, libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)?;
        let mode = libc::SECCOMP_SET_MODE_FILTER;
        let listening = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
        descriptor(call!(libc::SYS_seccomp, mode, listening, &raw const program)).map(drop)
    }),
    attempt("further-rules", |_| {
        let files = [1_u64, 0, 0];
        descriptor(call!(libc::SYS_landlock_create_ruleset, files.as_ptr(), 8, 0)).map(drop)
    })
    .given("Landlock"),
    attempt("list-security-modules", |_| {
        let (mut found, mut size) = ([0_u64; 32], 256_u32);
        call!(461, found.as_mut_ptr(), &raw mut size, 0).map(drop)
    })
    .given("Linux 6.8"),
    attempt("give-pages-to-pipe", |_| {
        let (pipe, page) = (pipe()?, [0_u8; 4096]);
        let part = libc::iovec { iov_base: page.as_ptr().cast_mut().cast(), iov_len: page.len() };
        call!(libc::SYS_vmsplice, pipe[1], &raw const part, 1, libc::SPLICE_F_GIFT).map(drop)
    }),
    attempt("splice-material", |_| {
        let (file, pipe) = (File::open("workspace/material")?, pipe()?);
        call!(libc::SYS_splice, file.as_raw_fd(), 0, pipe[1], 0, 8, 0).map(drop)
    }),
    attempt("copy-between-pipes", |_| {
        let (one, other) = (pipe()?, pipe()?);
        call!(libc::SYS_write, one[1], c"x".as_ptr(), 1)?;
        call!(libc::SYS_tee, one[0], other[1], 1, 0).map(drop)
    }),
    attempt("copy-in-kernel", |_| {
        let from = File::open("workspace/material")?;
        let to = File::create("artifacts/copy")?;
        call!(libc::SYS_copy_file_range, from.as_raw_fd(), 0, to.as_raw_fd(), 0, 8, 0).map(drop)
    }),
    attempt("send-file-to-host", |at| {
        let from = File::open("workspace/material")?;
        call!(libc::SYS_sendfile, at.socket, from.as_raw_fd(), 0, 1).map(drop)
    }),
    attempt("lock-memory", |_| call!(libc::SYS_mlockall, libc::MCL_FUTURE).map(drop))
        .given("a limit of locked memory above none"),
    attempt("lock-page", |_| {
        let page = crate::sys::map(4096, 3, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1)?;
        call!(libc::SYS_mlock, page, 4096).map(drop)
    }),
    attempt("memory-policy", |_| call!(libc::SYS_set_mempolicy, 0, 0, 0).map(drop)).given("memory nodes"),
    attempt("move-own-pages", |_| call!(libc::SYS_move_pages, 0, 0, 0, 0, 0, 0).map(drop))
        .given("memory nodes"),
    attempt("barrier-on-all-processors", |_| call!(libc::SYS_membarrier, 1, 0, 0).map(drop))
        .given("membarrier"),
    attempt("whole-page-cache-of-file", |_| {
        let (file, range, mut found) = (File::open("workspace/material")?, [0_u64; 2], [0_u64; 5]);
        call!(451, file.as_raw_fd(), range.as_ptr(), found.as_mut_ptr(), 0).map(drop)
    })
    .given("Linux 6.5"),
    attempt("resident-pages-of-file", |_| {
        let file = File::open("workspace/material")?;
        let at = crate::sys::map(4096, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd())?;
        let mut found = [0_u8; 1];
        call!(libc::SYS_mincore, at, 4096, found.as_mut_ptr()).map(drop)
    }),
    attempt("read-ahead", |_| {
        let file = File::open("workspace/material")?;
        call!(libc::SYS_readahead, file.as_raw_fd(), 0, 4096).map(drop)
    }),
    attempt("processor-and-node", |_| {
        let mut processor = 0_u32;
        call!(libc::SYS_getcpu, &raw mut processor, 0, 0).map(drop)
    }),
    attempt("usage-of-children", |_| {
        let mut found = [0_u64; 18];
        call!(libc::SYS_getrusage, libc::RUSAGE_CHILDREN, found.as_mut_ptr()).map(drop)
    }),
    attempt("sync-all-files", |_| call!(libc::SYS_sync).map(drop)),
    attempt("sync-file-system", |_| {
        let file = File::open("workspace/material")?;
        call!(libc::SYS_syncfs, file.as_raw_fd()).map(drop)
    }),
];

pub(crate) const TERMINALS: &[Attempt] = &[
    attempt("type-into-terminal", |at| control(at, libc::TIOCSTI)).given("a terminal that takes typed text"),
    attempt("type-with-high-bits", |at| control(at, libc::TIOCSTI | 1 << 32))
        .given("a terminal that takes typed text"),
    attempt("paste-into-console", |at| control(at, libc::TIOCLINUX)).given("a console"),
    attempt("take-terminal", |at| {
        call!(libc::SYS_setsid)?;
        control(at, libc::TIOCSCTTY)
    })
    .given("a process that leads no group"),
    attempt("size-of-terminal", |at| control(at, libc::TIOCSWINSZ)).given("terminals"),
    attempt("open-controlling-terminal", |_| File::open("/dev/tty").map(drop))
        .given("a controlling terminal"),
    attempt("bytes-that-wait-in-socket", |at| {
        let mut waiting = 0_i32;
        call!(libc::SYS_ioctl, at.socket, libc::FIONREAD, &raw mut waiting).map(drop)
    }),
    attempt("owner-of-socket-by-control", |at| {
        let owner = at.victim;
        call!(libc::SYS_ioctl, at.socket, 0x8901, &raw const owner).map(drop)
    }),
    attempt("clone-file", |_| {
        let (from, to) = (File::open("workspace/material")?, File::create("artifacts/clone")?);
        call!(libc::SYS_ioctl, to.as_raw_fd(), 0x4004_9409_u64, from.as_raw_fd()).map(drop)
    })
    .given("a file system that clones files"),
];

/// A request to a terminal of the same user, with one word.
fn control(at: &crate::bait::Bait, request: u64) -> std::io::Result<()> {
    let terminal = at.terminal.as_ref().ok_or(std::io::ErrorKind::NotFound)?;
    let terminal = crate::sys::open(terminal, libc::O_RDWR | libc::O_NOCTTY)?;
    let word = [0_u64; 2];
    call!(libc::SYS_ioctl, terminal.as_raw_fd(), request, word.as_ptr()).map(drop)
}

fn count_events(process: i32) -> std::io::Result<()> {
    let mut attributes = [0_u64; 16];
    // A counter of the kernel's own (page faults), without the kernel's part of them.
    (attributes[0], attributes[1], attributes[5]) = (1 | 128 << 32, 2, 1 << 5 | 1 << 6);
    descriptor(call!(libc::SYS_perf_event_open, attributes.as_ptr(), process, -1, -1, 0)).map(drop)
}

fn pipe() -> std::io::Result<[i32; 2]> {
    let mut ends = [0_i32; 2];
    call!(libc::SYS_pipe2, ends.as_mut_ptr(), 0)?;
    Ok(ends)
}
