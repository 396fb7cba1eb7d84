//! Hosts of their own: one that is killed, one with habits that must not be inherited, and machines on which a layer is missing.
//!
//! This binary starts itself with [`MARK`] and a role, because what a role does cannot be undone in a process.
#![allow(clippy::print_stdout)] // roles answer there

use crate::bench::Bench;
use crate::kill;
use crate::lifetime::{check_gone, watch};
use crate::repeat;
use crate::runner::Case;
use orket_engine::sandbox::{self, Error, Layer, Outcome, Showing, State};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

pub(crate) const CASES: &[Case] = &[
    ("host::a_killed_host_leaves_no_guest", a_killed_host_leaves_no_guest),
    ("host::a_killed_host_leaves_no_box", a_killed_host_leaves_no_box),
    ("host::ignored_signals_are_not_inherited", ignored_signals_are_not_inherited),
    ("host::a_trial_shows_every_layer", a_trial_shows_every_layer),
    ("host::without_the_files_layer_nothing_starts_unless_accepted", without_files_nothing_starts),
    ("host::a_start_vector_that_cannot_be_changed_is_named", without_changes_it_is_named),
    (
        "host::without_the_system_calls_layer_nothing_starts_unless_accepted",
        without_system_calls_nothing_starts,
    ),
];

/// The argument that makes this binary play a role.
pub(crate) const MARK: &str = "--serve-as-host";

pub(crate) fn serve(arguments: &[String]) -> ! {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["waiting"] => wait_to_be_killed(&Bench::new()),
        ["serving"] => wait_to_be_killed(&Bench::serving()),
        ["attempting", attempt] => print!("{}", Bench::new().inside(attempt).said),
        ["on-one-processor"] => crate::limits::on_one_processor(),
        ["taking-in"] => kill::take_in(),
        ["hoard", mark] => kill::hoard(mark),
        ["profiles"] => crate::profiles::each_holds_by_itself(),
        ["surroundings"] => repeat::say(),
        ["same-surroundings"] => repeat::check(),
        ["without-layout"] => without(Layer::Layout, libc::SYS_personality),
        ["without-a-tracer"] => without(Layer::StartVector, libc::SYS_ptrace),
        ["without-changes"] => without_changes(),
        ["without-files"] => without_files(),
        ["without-system-calls"] => without_system_calls(),
        _ => panic!("no such role: {arguments:?}"),
    }
    std::process::exit(0)
}

#[track_caller]
pub(crate) fn check_role(role: &str) {
    check_played(role, Command::new("/proc/self/exe"));
}

/// A role as a user who is not root; whoever runs the tests as one plays it as that one.
#[track_caller]
pub(crate) fn play_as_nobody(role: &str) {
    const NOBODY: u32 = 65_534;
    let mut host = Command::new("/proc/self/exe");
    if rustix::process::geteuid().is_root() {
        host.uid(NOBODY).gid(NOBODY);
    }
    check_played(role, host);
}

#[track_caller]
fn check_played(role: &str, mut host: Command) {
    let played: Output = host.args([MARK, role]).output().unwrap();
    let stderr = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{role}: {stderr}");
}

fn a_trial_shows_every_layer() {
    let trial = sandbox::trial::try_out().unwrap();
    for layer in Layer::ALL {
        let mut attempts = trial.of(layer).peekable();
        assert!(attempts.peek().is_some(), "nothing was tried at {layer}");
        for attempt in attempts {
            // What only root can do shows nothing to others.
            let is_roots = matches!(layer, Layer::Privileges | Layer::Identity);
            let is_shown = !is_roots || attempt.outside == Outcome::Done;
            let expected = if is_shown { Showing::Holds } else { Showing::Nothing };
            assert_eq!(attempt.showing(), expected, "{attempt:?}");
        }
    }
    assert!(trial.layers.iter().all(|status| !status.layer.is_required() || status.is_enforced()));
}

fn without_files_nothing_starts() {
    check_role("without-files");
}

fn without_system_calls_nothing_starts() {
    check_role("without-system-calls");
}

fn without_changes_it_is_named() {
    check_role("without-changes");
}

fn a_killed_host_leaves_no_guest() {
    check_killed("waiting");
}

fn a_killed_host_leaves_no_box() {
    check_killed("serving");
}

#[track_caller]
fn check_killed(role: &str) {
    // What it cannot remove itself is removed with this.
    let folder = tempfile::tempdir().unwrap();
    let mut host = Command::new("/proc/self/exe")
        .args([MARK, role])
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(host.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let guest = watch(line.trim().parse().unwrap());
    host.kill().unwrap();
    host.wait().unwrap();
    check_gone(&guest);
}

/// Starts a guest, says its process id and waits for the end.
fn wait_to_be_killed(bench: &Bench) {
    let mut guest = bench.spawn().unwrap();
    guest.socket().write_all(b"hostile\n").unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(guest.take_stdout().unwrap());
    stdout.read_line(&mut line).unwrap();
    println!("{}", guest.id());
    let mut nothing = Vec::new();
    std::io::stdin().read_to_end(&mut nothing).unwrap();
}

fn ignored_signals_are_not_inherited() {
    let under_trap = |program: &str, arguments: &str| {
        let script = format!("trap '' HUP INT TERM; exec '{program}' {arguments}");
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let itself = std::env::current_exe().unwrap();
    let inside = under_trap(itself.to_str().unwrap(), &format!("{MARK} attempting ignored"));
    assert_eq!(inside, "refused none\n");
    let outside = under_trap(crate::bench::probe().to_str().unwrap(), "ignored");
    assert_eq!(outside, "done [1, 2, 15]\n");
}

/// A layer is missing: refused by name, with a remedy; started if that very layer is accepted, and then the attempt is done
/// that the layer refuses elsewhere.
fn check_missing(layer: Layer, attempt: &str) {
    let mut bench = Bench::new();
    let error = bench.spawn().unwrap_err();
    assert_eq!(error.code(), "sandbox.unavailable", "{error}");
    let Error::Unavailable { layer: named, errno, .. } = error else {
        unreachable!("the code says so");
    };
    assert_eq!(named, layer);
    assert_ne!(errno, 0);
    let trial = sandbox::trial::try_out();
    assert_eq!(trial.unwrap_err().code(), "sandbox.unavailable");

    let others = Layer::ALL.into_iter().filter(|other| *other != layer);
    bench.confinement.weakenings = others.collect();
    assert!(bench.spawn().is_err(), "another layer was accepted");

    bench.confinement.weakenings = vec![layer];
    let guest = bench.spawn().unwrap();
    let status = guest.report().iter().find(|status| status.layer == layer);
    assert!(matches!(
        status.unwrap().state,
        State::Missing { errno: found, .. } if found == errno
    ));
    drop(guest);
    let made = bench.inside(attempt);
    assert!(made.done(), "{attempt}: {made:?}");
}

/// The kernel has a bound on Landlock layers, which a host in nested sandboxes reaches.
fn without_files() {
    use landlock::{AccessFs, Ruleset, RulesetAttr};
    let restrict = || {
        let rules = Ruleset::default().handle_access(AccessFs::MakeChar)?;
        rules.create()?.restrict_self()
    };
    let layers = (0..64).take_while(|_| restrict().is_ok()).count();
    assert!(layers < 64, "the bound was not reached");
    check_missing(Layer::Files, "read /etc/passwd");
}

/// A container refuses what a layer needs: a guest that has to repeat does not start, any other does.
fn without(layer: Layer, call: libc::c_long) {
    rustix::thread::set_no_new_privs(true).unwrap();
    assert!(refuse(call, None));
    let mut bench = Bench::new();
    let error = bench.spawn().unwrap_err();
    assert!(matches!(&error, Error::Unavailable { layer: named, .. } if *named == layer), "{error}");
    bench.confinement.weakenings.push(layer);
    check_goes_without(&bench, layer);
    bench.confinement.weakenings.clear();
    bench.confinement.threads = true;
    check_goes_without(&bench, layer);
}

#[track_caller]
fn check_goes_without(bench: &Bench, layer: Layer) {
    let made = bench.inside("std");
    assert!(made.done() && made.exit.success(), "{made:?}");
    let guest = bench.spawn().unwrap();
    let status = guest.report().iter().find(|status| status.layer == layer).unwrap();
    assert!(matches!(status.state, State::Missing { errno: libc::EPERM, .. }), "{status:?}");
    assert!(guest.profile().is_some(), "it keeps from harm all the same");
}

/// A child can ask to be traced, and then nothing can be changed in it. In a box that is known when the run is over.
fn without_changes() {
    rustix::thread::set_no_new_privs(true).unwrap();
    assert!(refuse(libc::SYS_ptrace, Some(libc::PTRACE_TRACEME)));
    for bench in Bench::each() {
        let ended = bench.spawn().and_then(|mut guest| guest.wait());
        let error = ended.unwrap_err();
        let is_named =
            matches!(&error, Error::Unavailable { layer: Layer::StartVector, errno: libc::EPERM, .. });
        assert!(is_named, "{error}");
        // Who asked for that box gets another.
        assert!(bench.spawn().is_ok() == bench.serves());
    }
}

/// Makes a system call fail in this process and all that it starts, unless its first argument is one that is let through.
#[allow(unsafe_code)]
fn refuse(call: libc::c_long, unless: Option<libc::c_uint>) -> bool {
    let statement = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let load = |at| statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, at);
    let is = |value, yes, no| statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, yes, no, value);
    let answer = |answer| statement(libc::BPF_RET | libc::BPF_K, 0, 0, answer);
    let call = u32::try_from(call).unwrap();
    let mut program = match unless {
        Some(first) => vec![load(0), is(call, 0, 3), load(16), is(first, 1, 0)],
        None => vec![load(0), is(call, 0, 1)],
    };
    program.push(answer(libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs()));
    program.push(answer(libc::SECCOMP_RET_ALLOW));
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: the kernel copies the program, which is alive and of the stated length.
    unsafe { libc::syscall(libc::SYS_seccomp, mode, 0, &raw const filter) == 0 }
}

/// The kernel has a bound on the length of all filters together.
fn without_system_calls() {
    rustix::thread::set_no_new_privs(true).unwrap();
    for length in [4096, 512, 64] {
        let filters = (0..64).take_while(|_| install_idle_filter(length)).count();
        assert!(filters < 64, "the bound was not reached");
    }
    check_missing(Layer::SystemCalls, "udp");
    let mut bench = Bench::new();
    bench.confinement.weakenings.push(Layer::SystemCalls);
    // What stands behind the filter still holds.
    for attempt in ["write_execute", "make_executable", "read /etc/passwd"] {
        let made = bench.inside(attempt);
        assert!(made.said.starts_with("refused"), "{attempt}: {made:?}");
    }
}

/// A filter that allows everything, of so many instructions.
#[allow(unsafe_code)]
fn install_idle_filter(length: u16) -> bool {
    let statement = |code: u32, k| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let load = statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0);
    let mut program = vec![load; usize::from(length) - 1];
    program.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW));
    let filter = libc::sock_fprog { len: length, filter: program.as_mut_ptr() };
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: the kernel copies the program, which is alive and of the stated length.
    unsafe { libc::syscall(libc::SYS_seccomp, mode, 0, &raw const filter) == 0 }
}
