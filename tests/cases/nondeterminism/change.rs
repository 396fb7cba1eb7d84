//! One thing that is not as usual around a host, and how to make it so.

use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Resource, Rlimit};
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::IntoRawFd;
use std::process::Command;

/// A user to whom nothing on any machine belongs.
const NOBODY: u32 = 54_321;

/// What is changed. A change that this user or machine cannot make is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    /// Variables, many and telling: home, zone, locale, width, colours, switches of libc and std.
    Environment,
    /// Where the host works.
    Folder,
    /// What is mounted where the project lies.
    Disk,
    /// How long the names of the folders around the project are.
    Depth,
    /// The name of the machine.
    HostName,
    /// The clocks that count from a start.
    Clocks,
    /// The release of the kernel, and whether it lays out memory at random.
    Personality,
    /// How many files may be open.
    Files,
    /// How large the stack may be.
    Stack,
    /// Which processors may be used.
    Processor,
    /// How little the host insists on them, and by which rules it gets them.
    Niceness,
    /// The mode of new files.
    Mask,
    /// Open files that are handed down.
    Descriptors,
    /// Signals that are blocked or ignored.
    Signals,
    /// A terminal that watches.
    Terminal,
    /// A session of its own.
    Session,
    /// What an earlier run may have left.
    Leftovers,
    /// Others that use the processors.
    Load,
    /// The user.
    User,
}

impl Change {
    /// Every change, in the order in which they are made: rights are given up last.
    pub(crate) const ALL: [Change; 19] = [
        Change::Environment,
        Change::Folder,
        Change::Disk,
        Change::Depth,
        Change::HostName,
        Change::Clocks,
        Change::Personality,
        Change::Files,
        Change::Stack,
        Change::Processor,
        Change::Niceness,
        Change::Mask,
        Change::Descriptors,
        Change::Signals,
        Change::Terminal,
        Change::Session,
        Change::Leftovers,
        Change::Load,
        Change::User,
    ];

    /// Makes the change in this process, as far as it outlives its program.
    pub(crate) fn make(self) -> io::Result<()> {
        match self {
            Change::HostName => own_name(),
            Change::Clocks => own_clocks(),
            Change::Personality => older_kernel(),
            Change::Files => soften(Resource::Nofile, 200),
            Change::Stack => soften(Resource::Stack, 3 << 20),
            Change::Processor => one_processor(),
            Change::Niceness => less_insistent(),
            Change::Mask => {
                rustix::process::umask(Mode::from_raw_mode(0));
                Ok(())
            }
            Change::Descriptors => (0..23).try_for_each(|_| hand_down()),
            Change::Signals => change_signals(),
            Change::Terminal => own_terminal(),
            // One who has a terminal of its own leads a session already.
            Change::Session => Ok(_ = rustix::process::setsid()),
            Change::Leftovers => std::fs::write(std::env::temp_dir().join("orket-corpus-count"), "41"),
            Change::User => another_user(),
            Change::Environment | Change::Folder | Change::Disk | Change::Depth | Change::Load => Ok(()),
        }
    }

    /// Makes the change to what a program is started with.
    pub(crate) fn hand_to(self, command: &mut Command) {
        match self {
            Change::Folder => _ = command.current_dir("/usr"),
            Change::Environment => {
                command.envs(VARIABLES.iter().copied());
                // They move everything on the stack.
                command.envs((0..120).map(|n| (format!("PAD_{n}"), "x".repeat(n * 3 % 61))));
            }
            _ => {}
        }
    }
}

const VARIABLES: &[(&str, &str)] = &[
    ("HOME", "/nonexistent"),
    ("USER", "somebody"),
    ("LOGNAME", "else"),
    ("TZ", "Pacific/Kiritimati"),
    ("LANG", "tr_TR.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("COLUMNS", "133"),
    ("TERM", "xterm-256color"),
    ("CLICOLOR_FORCE", "1"),
    ("RUST_BACKTRACE", "full"),
    ("RUST_MIN_STACK", "3000000"),
    ("MALLOC_PERTURB_", "165"),
    ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F,-ERMS"),
    ("LD_BIND_NOW", "1"),
    ("PATH", "/bin:/usr/bin:/nonexistent/bin"),
    ("SOURCE_DATE_EPOCH", "1"),
];

fn answered(answer: i64) -> io::Result<()> {
    if answer == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn own(what: libc::c_int) -> io::Result<()> {
    // SAFETY: it cannot be given anything wrong.
    answered(unsafe { libc::unshare(what) }.into())
}

fn own_name() -> io::Result<()> {
    own(libc::CLONE_NEWUTS)?;
    let name = "elsewhere.example";
    // SAFETY: as many bytes as there are.
    answered(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }.into())
}

/// The next program of this process begins in another time.
fn own_clocks() -> io::Result<()> {
    own(libc::CLONE_NEWTIME)?;
    std::fs::write("/proc/self/timens_offsets", "monotonic 86461 7\nboottime 172861 9\n")
}

fn soften(resource: Resource, current: u64) -> io::Result<()> {
    let limit = rustix::process::getrlimit(resource);
    let current = limit.maximum.map_or(current, |maximum| maximum.min(current));
    Ok(rustix::process::setrlimit(resource, Rlimit { current: Some(current), ..limit })?)
}

/// Old numbers of the kernel, and no random layout of memory.
fn older_kernel() -> io::Result<()> {
    // SAFETY: it cannot be given anything wrong.
    answered(unsafe { libc::personality(0x002_0000 | 0x004_0000) }.into())
}

fn less_insistent() -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the place is there.
    answered(unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const parameters) }.into())?;
    Ok(rustix::process::nice(5).map(drop)?)
}

fn one_processor() -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let usable = sched_getaffinity(None)?;
    let last = (0..CpuSet::MAX_CPU).rev().find(|processor| usable.is_set(*processor));
    let mut one = CpuSet::new();
    one.set(last.unwrap_or_default());
    Ok(sched_setaffinity(None, &one)?)
}

/// Opens a file that every program that is started from here on has, too.
fn hand_down() -> io::Result<()> {
    let _ = open("/dev/null", OFlags::RDONLY, Mode::empty())?.into_raw_fd();
    Ok(())
}

fn change_signals() -> io::Result<()> {
    let ignored = [libc::SIGHUP, libc::SIGUSR1, libc::SIGQUIT];
    // SAFETY: to ignore a signal needs nothing that would have to live.
    unsafe {
        ignored.iter().for_each(|signal| _ = libc::signal(*signal, libc::SIG_IGN));
        let mut set = std::mem::zeroed();
        [libc::SIGUSR2, libc::SIGALRM, libc::SIGPROF]
            .iter()
            .for_each(|signal| _ = libc::sigaddset(&raw mut set, *signal));
        answered(libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()).into())
    }
}

/// A terminal for input, of which this process is the leader.
fn own_terminal() -> io::Result<()> {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let _ = rustix::process::setsid();
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let terminal = open(ptsname(&master, Vec::new())?, OFlags::RDWR, Mode::empty())?;
    // It hangs up when the last one who has this closes it.
    let (_, terminal) = (master.into_raw_fd(), terminal.into_raw_fd());
    let size = [47_u16, 133, 0, 0];
    // SAFETY: descriptors that are open, and a place of the form of a `winsize`.
    unsafe {
        answered(libc::ioctl(terminal, libc::TIOCSCTTY, 0).into())?;
        answered(libc::ioctl(terminal, libc::TIOCSWINSZ, size.as_ptr()).into())?;
        answered(libc::dup2(terminal, 0).into())
    }
}

fn another_user() -> io::Result<()> {
    // SAFETY: there is one thread, and none of these can be given anything wrong.
    unsafe {
        answered(libc::setgroups(0, std::ptr::null()).into())?;
        answered(libc::setresgid(NOBODY, NOBODY, NOBODY).into())?;
        answered(libc::setresuid(NOBODY, NOBODY, NOBODY).into())
    }
}
