//! The part of an order that makes the world around a guest: what is not as usual before the sandbox is built, and, for a guest
//! without one, its whole world.

use super::super::{Ambient, Around};
use super::course::{self, Choice, Descriptors};
use super::order::{IGNORE, STOP};
use super::script::Script;
use rustix::process::{Resource, getrlimit};
use std::ffi::CString;
use std::io;
use std::os::fd::RawFd;

/// Where the library for ambient guests is, which takes itself away (`preload/lib.rs`).
pub(super) const PRELOAD: RawFd = 604;
/// Variables that it takes out of the environment again.
const PRELOADED: &str = "LD_PRELOAD=/proc/self/fd/604";

/// What the launcher itself begins with, and what a sandbox has to make up for.
pub(super) fn begin(script: &mut Script, choice: &Choice<'_>, given: &Descriptors) {
    let around = &choice.confinement.around;
    script.layer(None, STOP);
    for _ in 0..around.descriptors {
        let from = [given.stdin.into(), libc::F_DUPFD.into(), 4.into()];
        script.call("open a descriptor more", libc::SYS_fcntl, &from);
    }
    if let Some(mask) = around.umask {
        script.call("umask", libc::SYS_umask, &[mask.into()]);
    }
    if let Some(flags) = around.personality {
        script.call("personality", libc::SYS_personality, &[flags.into()]);
    }
    if let Some(name) = around.host_name.as_deref()
        && choice.namespaces() & libc::CLONE_NEWUTS != 0
    {
        let text = script.bytes(name.as_bytes());
        let arguments = [text.into(), (name.len() as u64).into()];
        script.call("sethostname", libc::SYS_sethostname, &arguments);
    }
    if let Some(mask) = around.processors.and_then(processors) {
        let bytes = mask.len() as u64 * 8;
        let mask = script.words(&mask);
        script.call("sched_setaffinity", libc::SYS_sched_setaffinity, &[0.into(), bytes.into(), mask.into()]);
    }
    soft_limits(script, around);
}

/// The first processors of those that this process may use, as the kernel takes them.
fn processors(count: usize) -> Option<Vec<u64>> {
    let allowed = rustix::thread::sched_getaffinity(None).ok()?;
    let mut mask = vec![0_u64; rustix::thread::CpuSet::MAX_CPU / 64];
    let chosen = (0..rustix::thread::CpuSet::MAX_CPU).filter(|at| allowed.is_set(*at)).take(count);
    for at in chosen {
        mask[at / 64] |= 1 << (at % 64);
    }
    Some(mask)
}

fn soft_limits(script: &mut Script, around: &Around) {
    let wanted = [
        (Resource::Stack, libc::RLIMIT_STACK, around.stack_bytes),
        (Resource::Nofile, libc::RLIMIT_NOFILE, around.open_files),
    ];
    for (resource, number, soft) in wanted {
        let Some(soft) = soft else { continue };
        let hard = getrlimit(resource).maximum.unwrap_or(libc::RLIM_INFINITY);
        let limit = script.words(&[soft.min(hard), hard]);
        script.call("setrlimit", libc::SYS_prlimit64, &[0.into(), number.into(), limit.into(), 0.into()]);
    }
}

/// The world of an ambient guest, up to its start.
pub(super) fn enter(
    script: &mut Script,
    choice: &Choice<'_>,
    given: &Descriptors,
    ambient: &Ambient,
) -> io::Result<()> {
    script.layer(None, STOP);
    script.call("setsid", libc::SYS_setsid, &[]);
    if ambient.columns.is_some() {
        let arguments = [1.into(), libc::TIOCSCTTY.into(), 0.into()];
        script.call("control the terminal", libc::SYS_ioctl, &arguments);
    }
    let (root, private) = (script.text(c"/"), libc::MS_REC | libc::MS_PRIVATE);
    let arguments = [0.into(), root.into(), 0.into(), private.into(), 0.into()];
    script.call("make mounts private", libc::SYS_mount, &arguments);
    for (from, to) in &ambient.shown {
        let what = format!("show {}", to.display());
        let (from, to) = (script.path(from)?, script.path(to)?);
        let flags = libc::MS_BIND | libc::MS_REC;
        script.call(what, libc::SYS_mount, &[from.into(), to.into(), 0.into(), flags.into(), 0.into()]);
    }
    let folder = script.path(&ambient.folder)?;
    script.call(format!("enter {}", ambient.folder.display()), libc::SYS_chdir, &[folder.into()]);
    course::bind_to_host(script, choice);
    begin(script, choice, given);
    script.layer(None, IGNORE);
    let arguments = [libc::PR_CAP_AMBIENT.into(), libc::PR_CAP_AMBIENT_CLEAR_ALL.into()];
    script.call("PR_CAP_AMBIENT", libc::SYS_prctl, &arguments);
    Ok(())
}

/// Becomes the program, by its path: it may ask for that.
pub(super) fn execute(
    script: &mut Script,
    ambient: &Ambient,
    arguments: &[CString],
    environment: &[CString],
) -> io::Result<()> {
    script.layer(None, STOP);
    let name = CString::new(ambient.program.as_os_str().as_encoded_bytes())?;
    let words = std::iter::once(&name).chain(arguments).map(CString::as_c_str);
    let arguments = script.texts(words);
    let own = own_words(ambient)?;
    let words = own.iter().chain(environment).map(CString::as_c_str);
    let environment = script.texts(words);
    let program = script.text(&name);
    let values = [program.into(), arguments.into(), environment.into()];
    script.call("the program cannot be executed", libc::SYS_execve, &values);
    Ok(())
}

fn own_words(ambient: &Ambient) -> io::Result<Vec<CString>> {
    let mut words = vec![CString::new(PRELOADED)?];
    if ambient.ahead_ns != 0 {
        words.push(CString::new(format!("ORKET_AMBIENT_AHEAD={}", ambient.ahead_ns))?);
    }
    if let Some(byte) = ambient.entropy {
        words.push(CString::new(format!("ORKET_AMBIENT_ENTROPY={byte}"))?);
    }
    Ok(words)
}
