//! The course of a start: a confinement as the system calls that put it in force, in the one order in which they work.
//!
//! First what needs privileges (namespaces, the tree), then their end, then what binds the guest alone. The filter comes last,
//! because it refuses nearly everything that the others need.

use super::super::confinement::Words;
use super::super::{Confinement, Error, Layer, LayerStatus, State};
use super::around::{self, PRELOAD};
use super::identity::{INSIDE, Identity};
use super::order::{NOTE, STOP};
use super::script::{About, Script, Slot, Value};
use super::{SOCKET_FD, limits, seccomp, serve, tree, vector};
use orket_contract::ambient::GUEST_NAME;
use std::ffi::CString;
use std::io;
use std::os::fd::RawFd;

/// What a guest takes for the name of its host.
const HOST_NAME: &std::ffi::CStr = c"orket";
/// Descriptors that must not survive lie where a guest can never have one, above its limit of open files. So the one descriptor
/// that the filter lets be executed cannot be had again.
pub(super) const EXECUTABLE: RawFd = 600;
pub(super) const REPORT: RawFd = 601;
pub(super) const STATUS: RawFd = 602;
const RULES: RawFd = 603;
/// Where they are on the way there.
const ASIDE: RawFd = 610;
/// The capabilities that there are or may be, some time.
const CAPABILITIES: std::ops::Range<i32> = 0..48;
const SIGNALS: std::ops::RangeInclusive<i32> = 1..=64;
/// The step with which a launcher says that it is ready.
pub(super) const READY: u32 = u32::MAX;
/// The guest's own number, until it is known.
const UNKNOWN_PID: u32 = 0x7a6b_5c4d;
const EMPTY_PATH: i32 = libc::AT_EMPTY_PATH;

/// Descriptors of the host, under their numbers there.
pub(super) struct Descriptors {
    pub(super) executable: RawFd,
    pub(super) socket: RawFd,
    pub(super) stdin: RawFd,
    pub(super) stdout: RawFd,
    pub(super) stderr: RawFd,
    pub(super) report: RawFd,
    pub(super) status: RawFd,
    pub(super) rules: Option<RawFd>,
    pub(super) preload: Option<RawFd>,
}

impl Descriptors {
    /// All of them, each with the place that it has when the guest begins.
    pub(super) fn places(&self) -> Vec<(RawFd, RawFd)> {
        let mut places = vec![
            (self.report, REPORT),
            (self.executable, EXECUTABLE),
            (self.status, STATUS),
            (self.stdin, 0),
            (self.stdout, 1),
            (self.stderr, 2),
            (self.socket, SOCKET_FD),
        ];
        places.extend(self.rules.map(|rules| (rules, RULES)));
        places.extend(self.preload.map(|preload| (preload, PRELOAD)));
        places
    }
}

/// Which layers one start applies, and as whom.
pub(super) struct Choice<'a> {
    pub(super) confinement: &'a Confinement,
    pub(super) identity: Identity,
    /// Whether the launcher stays and becomes a guest again and again.
    pub(super) serves: bool,
    /// Layers that were found missing before, and why.
    pub(super) missing: Vec<LayerStatus>,
}

impl Choice<'_> {
    /// Whether `layer` is to be applied.
    pub(super) fn applies(&self, layer: Layer) -> bool {
        !self.confinement.leaves_out(layer) && !self.missing.iter().any(|status| status.layer == layer)
    }

    /// The namespaces to begin in.
    pub(super) fn namespaces(&self) -> i32 {
        if self.confinement.ambient().is_some() {
            return libc::CLONE_NEWUSER | libc::CLONE_NEWNS | libc::CLONE_NEWUTS;
        }
        let kinds = [
            (Layer::Processes, libc::CLONE_NEWPID),
            (Layer::Tree, libc::CLONE_NEWNS),
            (Layer::Network, libc::CLONE_NEWNET),
            (Layer::Ipc, libc::CLONE_NEWIPC | libc::CLONE_NEWUTS | libc::CLONE_NEWCGROUP),
        ];
        let flags =
            kinds.into_iter().filter(|(layer, _)| self.applies(*layer)).fold(0, |all, (_, kind)| all | kind);
        match flags {
            0 => 0,
            flags if self.identity.is_privileged => flags,
            flags => flags | libc::CLONE_NEWUSER,
        }
    }

    /// The user and group as which the guest knows itself, where it has a user namespace.
    pub(super) fn inside(&self) -> [u32; 2] {
        let Identity { user, group, .. } = self.identity;
        match self.confinement.ambient() {
            Some(ambient) => ambient.user.map_or([user, group], |user| [user, user]),
            None => [INSIDE, INSIDE],
        }
    }

    /// Whether the guest is a child of the launcher: of the first process of its namespace, or of what changes its start-vector.
    pub(super) fn has_parent(&self) -> bool {
        self.applies(Layer::Processes) || self.applies(Layer::StartVector)
    }

    /// The user and group that root's guest becomes.
    pub(super) fn stranger(&self) -> Option<u32> {
        self.identity.stranger.filter(|_| self.applies(Layer::Identity))
    }

    /// Every layer, with what `notes` say of it.
    pub(super) fn statuses(&self, notes: &[LayerStatus]) -> Vec<LayerStatus> {
        let state = |layer| {
            if self.confinement.leaves_out(layer) {
                let is_needed = !self.confinement.virtual_std && layer.is_for_virtual_std();
                let why = if is_needed { "the program has no virtual standard library" } else { "left out" };
                return State::Missing { errno: 0, message: why.to_owned() };
            }
            let known = self.missing.iter().chain(notes).find(|status| status.layer == layer);
            known.map_or(State::Enforced, |status| status.state.clone())
        };
        Layer::ALL.into_iter().map(|layer| LayerStatus { layer, state: state(layer) }).collect()
    }
}

/// A written order, and what its steps are for.
pub(super) struct Course {
    pub(super) image: Vec<u8>,
    pub(super) about: Vec<About>,
}

/// Writes the order of one start.
pub(super) fn course(choice: &Choice<'_>, given: &Descriptors, words: &Words) -> Result<Course, Error> {
    let script = Script::new();
    write(script, choice, given, words).map_err(|e| Error::failed("the confinement cannot be used", e))
}

fn write(mut script: Script, choice: &Choice<'_>, given: &Descriptors, words: &Words) -> io::Result<Course> {
    let confinement = choice.confinement;
    if let Some(ambient) = confinement.ambient() {
        arrange(&mut script, choice, given);
        around::enter(&mut script, choice, &Descriptors { stdin: 0, ..*given }, ambient)?;
        signals(&mut script);
        tell(&mut script);
        around::execute(&mut script, ambient, &words.arguments, &words.environment)?;
        let (image, about) = script.finish(given.report, STATUS)?;
        return Ok(Course { image, about });
    }
    around::begin(&mut script, choice, given);
    arrange(&mut script, choice, given);
    surroundings(&mut script, choice)?;
    renounce(&mut script, choice);
    bind_to_host(&mut script, choice);
    signals(&mut script);
    if choice.has_parent() {
        fork(&mut script, choice, words);
    }
    if choice.applies(Layer::Layout) {
        script.layer(Layer::Layout, importance(confinement, Layer::Layout));
        script.call("personality", libc::SYS_personality, &[libc::ADDR_NO_RANDOMIZE.into()]);
    }
    if choice.applies(Layer::Counter) {
        script.layer(Layer::Counter, importance(confinement, Layer::Counter));
        script.call("PR_SET_TSC", libc::SYS_prctl, &[libc::PR_SET_TSC.into(), libc::PR_TSC_SIGSEGV.into()]);
    }
    script.layer(None, STOP);
    let pid = script.result("getpid", libc::SYS_getpid, &[]);
    let filter = filter(&mut script, choice, pid);
    if choice.applies(Layer::Limits) {
        limits::apply(&mut script, confinement);
    }
    if choice.applies(Layer::WriteXorExecute) {
        const PR_SET_MDWE: i32 = 65;
        script.layer(Layer::WriteXorExecute, importance(confinement, Layer::WriteXorExecute));
        script.call("PR_SET_MDWE", libc::SYS_prctl, &[PR_SET_MDWE.into(), 1.into()]);
    }
    if given.rules.is_some() {
        script.layer(Layer::Files, importance(confinement, Layer::Files));
        script.call("landlock_restrict_self", libc::SYS_landlock_restrict_self, &[RULES.into(), 0.into()]);
    }
    tell(&mut script);
    if choice.applies(Layer::SystemCalls) {
        script.layer(Layer::SystemCalls, importance(confinement, Layer::SystemCalls));
        let mode = libc::SECCOMP_SET_MODE_FILTER;
        script.call("seccomp", libc::SYS_seccomp, &[mode.into(), 0.into(), filter.into()]);
    }
    execute(&mut script, words);
    let (image, about) = script.finish(given.report, STATUS)?;
    Ok(Course { image, about })
}

/// Goes on in a child: of the first process of its namespace, which may stay for more, or of what changes its start-vector.
fn fork(script: &mut Script, choice: &Choice<'_>, words: &Words) {
    script.layer(if choice.applies(Layer::Processes) { Layer::Processes } else { Layer::StartVector }, STOP);
    // What waits for the guest is nobody's to look into.
    script.call("PR_SET_DUMPABLE", libc::SYS_prctl, &[libc::PR_SET_DUMPABLE.into(), 0.into()]);
    if choice.serves {
        serve::serve(script, choice, words);
    } else {
        let change = vector::change(script, choice, words);
        script.fork(change);
    }
    vector::allow(script, choice);
    // With its parent, that is, which ends with the host.
    bind_to_host(script, choice);
}

/// Says that all that comes before this has been done.
pub(super) fn tell(script: &mut Script) {
    script.layer(None, STOP);
    let ready = script.words(&[READY.into()]);
    script.call("tell the host", libc::SYS_write, &[REPORT.into(), ready.into(), 8.into()]);
}

/// What a failure at a layer means.
pub(super) fn importance(confinement: &Confinement, layer: Layer) -> u8 {
    if confinement.accepts_missing(layer) { NOTE } else { STOP }
}

/// Puts every descriptor in its place, and closes the rest.
fn arrange(script: &mut Script, choice: &Choice<'_>, given: &Descriptors) {
    limits::open_all_files(script);
    script.layer(None, STOP);
    let aside = |script: &mut Script, (from, to): (RawFd, RawFd)| {
        let arguments = [Value::from(from), libc::F_DUPFD_CLOEXEC.into(), ASIDE.into()];
        let slot = script.result("put a descriptor aside", libc::SYS_fcntl, &arguments);
        // Its old number ends with the launcher.
        let arguments = [from.into(), libc::F_SETFD.into(), libc::FD_CLOEXEC.into()];
        script.call("forget a descriptor", libc::SYS_fcntl, &arguments);
        (slot, to)
    };
    let aside: Vec<(Slot, RawFd)> = given.places().into_iter().map(|place| aside(script, place)).collect();
    for (from, to) in aside {
        let flags = if to <= SOCKET_FD || to == PRELOAD { 0 } else { libc::O_CLOEXEC };
        script.call("place a descriptor", libc::SYS_dup3, &[from.into(), to.into(), flags.into()]);
        if to == REPORT {
            script.report_to(REPORT);
        }
    }
    if choice.applies(Layer::Descriptors) {
        script.layer(Layer::Descriptors, importance(choice.confinement, Layer::Descriptors));
        let ranges = [
            (SOCKET_FD.unsigned_abs() + 1, EXECUTABLE.unsigned_abs() - 1),
            (PRELOAD.unsigned_abs() + 1, u32::MAX),
        ];
        for (first, last) in ranges {
            script.call("close_range", libc::SYS_close_range, &[first.into(), last.into(), 0.into()]);
        }
    }
}

/// Session, mask of modes, name, tree and place of work.
fn surroundings(script: &mut Script, choice: &Choice<'_>) -> io::Result<()> {
    let confinement = choice.confinement;
    script.layer(None, STOP);
    script.call("setsid", libc::SYS_setsid, &[]);
    script.call("umask", libc::SYS_umask, &[0o022.into()]);
    if choice.applies(Layer::Ipc) {
        script.layer(Layer::Ipc, STOP);
        let name = script.text(HOST_NAME);
        let length = HOST_NAME.count_bytes() as u64;
        script.call("sethostname", libc::SYS_sethostname, &[name.into(), length.into()]);
        script.call("setdomainname", libc::SYS_setdomainname, &[name.into(), length.into()]);
    }
    if choice.applies(Layer::Tree) {
        return tree::build(script, confinement);
    }
    script.layer(None, STOP);
    let stage = script.path(&confinement.stage)?;
    script.call(format!("enter {}", confinement.stage.display()), libc::SYS_chdir, &[stage.into()]);
    Ok(())
}

/// Gives up every privilege for good. With `no_new_privs`, executing a file gives nothing back.
fn renounce(script: &mut Script, choice: &Choice<'_>) {
    use super::order::IGNORE;
    let applies = choice.applies(Layer::Privileges);
    if applies {
        script.layer(Layer::Privileges, IGNORE);
        for capability in CAPABILITIES {
            let arguments = [libc::PR_CAPBSET_DROP.into(), capability.into()];
            script.call("PR_CAPBSET_DROP", libc::SYS_prctl, &arguments);
        }
    }
    if let Some(stranger) = choice.stranger() {
        script.layer(Layer::Identity, importance(choice.confinement, Layer::Identity));
        if choice.serves {
            script.call("PR_SET_KEEPCAPS", libc::SYS_prctl, &[libc::PR_SET_KEEPCAPS.into(), 1.into()]);
        }
        script.call("setgroups", libc::SYS_setgroups, &[0.into(), 0.into()]);
        let ids = [stranger.into(), stranger.into(), stranger.into()];
        script.call("setresgid", libc::SYS_setresgid, &ids);
        script.call("setresuid", libc::SYS_setresuid, &ids);
    }
    if applies {
        script.layer(Layer::Privileges, importance(choice.confinement, Layer::Privileges));
        let arguments = [libc::PR_CAP_AMBIENT.into(), libc::PR_CAP_AMBIENT_CLEAR_ALL.into()];
        script.call("PR_CAP_AMBIENT", libc::SYS_prctl, &arguments);
        capabilities(script, if choice.serves { serve::CAPABILITY } else { 0 });
        script.call("PR_SET_NO_NEW_PRIVS", libc::SYS_prctl, &[libc::PR_SET_NO_NEW_PRIVS.into(), 1.into()]);
    }
}

/// Keeps these capabilities, one bit each.
pub(super) fn capabilities(script: &mut Script, kept: u64) {
    const VERSION_3: u64 = 0x2008_0522;
    let (low, high) = (kept & u64::from(u32::MAX), kept >> 32);
    // Effective, permitted and inheritable, of the first 32 and of the rest.
    let sets = script.words(&[low << 32 | low, high << 32, high]);
    let header = script.words(&[VERSION_3]);
    script.call("capset", libc::SYS_capset, &[header.into(), sets.into()]);
}

/// Ends with the thread that started this process; where that is gone already, so is its end of the socket.
pub(super) fn bind_to_host(script: &mut Script, choice: &Choice<'_>) {
    if !choice.applies(Layer::ParentDeath) {
        return;
    }
    script.layer(Layer::ParentDeath, importance(choice.confinement, Layer::ParentDeath));
    let arguments = [libc::PR_SET_PDEATHSIG.into(), libc::SIGKILL.into()];
    script.call("PR_SET_PDEATHSIG", libc::SYS_prctl, &arguments);
    let watched = script.words(&[u64::from(REPORT.unsigned_abs())]);
    let now = script.words(&[0, 0]);
    let arguments = [watched.into(), 1.into(), now.into(), 0.into(), 0.into()];
    script.call("the host is gone", libc::SYS_ppoll, &arguments).zero_only = 1;
}

/// The filter for the process that `pid` names, and the address of what the kernel wants to know of it.
fn filter(script: &mut Script, choice: &Choice<'_>, pid: Slot) -> u64 {
    let subject = seccomp::Subject {
        pid: UNKNOWN_PID,
        executable: EXECUTABLE.unsigned_abs(),
        threads: choice.confinement.threads,
        ambient: !choice.applies(Layer::Ambient),
    };
    let program = seccomp::filter(&subject);
    let bytes: Vec<u8> = program
        .iter()
        .flat_map(|line| {
            let [a, b] = line.code.to_ne_bytes();
            let [c, d, e, f] = line.k.to_ne_bytes();
            [a, b, line.jt, line.jf, c, d, e, f]
        })
        .collect();
    let first = script.bytes(&bytes);
    let own = program.iter().enumerate().filter(|(_, line)| line.k == UNKNOWN_PID);
    for (index, _) in own {
        script.store(pid, first + index as u64 * 8 + 4);
    }
    script.words(&[program.len() as u64, first])
}

/// Every signal has its default action and none is blocked, so that nothing of the host's choices is inherited.
fn signals(script: &mut Script) {
    use super::order::IGNORE;
    script.layer(None, IGNORE);
    let default = script.words(&[0; 4]);
    for signal in SIGNALS {
        let arguments = [signal.into(), default.into(), 0.into(), 8.into()];
        script.call("rt_sigaction", libc::SYS_rt_sigaction, &arguments);
    }
    let (set, none) = (libc::SIG_SETMASK, script.words(&[0]));
    script.call("rt_sigprocmask", libc::SYS_rt_sigprocmask, &[set.into(), none.into(), 0.into(), 8.into()]);
}

fn execute(script: &mut Script, words: &Words) {
    script.layer(None, STOP);
    let name = std::iter::once(GUEST_NAME);
    let arguments = script.texts(name.chain(words.arguments.iter().map(CString::as_c_str)));
    let environment = script.texts(words.environment.iter().map(CString::as_c_str));
    let empty = script.text(c"");
    let values = [EXECUTABLE.into(), empty.into(), arguments.into(), environment.into(), EMPTY_PATH.into()];
    script.call("the program cannot be executed", libc::SYS_execveat, &values);
}

/// The map of a user namespace with one number.
pub(super) fn map(inside: u32, outside: u32) -> String {
    format!("{inside} {outside} 1")
}
