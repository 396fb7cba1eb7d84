//! Starts, refusals to start, and ends: of the guest, of the host, and of what was checked before the start.

use crate::bench::{Bench, PATIENCE, probe};
use crate::runner::Case;
use orket_engine::sandbox::{self, Cause, Ending, Guest, Layer, Profile, Program};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::time::Duration;

pub(crate) const CASES: &[Case] = &[
    ("lifetime::every_layer_is_reported", every_layer_is_reported),
    ("lifetime::a_killed_guest_is_gone", a_killed_guest_is_gone),
    ("lifetime::a_dropped_guest_is_gone", a_dropped_guest_is_gone),
    ("lifetime::a_replaced_executable_is_not_executed", a_replaced_executable_is_not_executed),
    ("lifetime::what_cannot_be_executed_is_an_error", what_cannot_be_executed_is_an_error),
    ("lifetime::what_cannot_be_granted_is_an_error", what_cannot_be_granted_is_an_error),
    ("lifetime::many_guests_leave_nothing_open", many_guests_leave_nothing_open),
    ("lifetime::guests_at_once_do_not_meet", guests_at_once_do_not_meet),
];

fn every_layer_is_reported() {
    let guest = Bench::new().spawn().unwrap();
    let layers: Vec<Layer> = guest.report().iter().map(|status| status.layer).collect();
    assert_eq!(layers, Layer::ALL);
    let missing = guest.report().iter().filter(|status| !status.is_enforced());
    let may_be = |layer: Layer| !layer.is_required() || layer.is_for_virtual_std();
    assert!(missing.clone().all(|status| may_be(status.layer)), "{missing:?}");
    assert_eq!(guest.profile(), Some(Profile::Full));
}

/// A handle that becomes readable when the process ends.
pub(crate) fn watch(pid: u32) -> OwnedFd {
    let pid = Pid::from_raw(pid.try_into().unwrap()).unwrap();
    pidfd_open(pid, PidfdFlags::empty()).unwrap()
}

#[track_caller]
pub(crate) fn check_gone(process: &OwnedFd) {
    let patience = Timespec::try_from(PATIENCE).unwrap();
    let ended = poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&patience)).unwrap();
    assert_eq!(ended, 1, "the guest outlived its host");
}

/// A guest that does everything it can to stay.
fn hostile_guest() -> Guest {
    let mut guest = Bench::new().spawn().unwrap();
    guest.socket().write_all(b"hostile\n").unwrap();
    let mut line = String::new();
    BufReader::new(guest.take_stdout().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "waiting\n");
    guest
}

fn a_killed_guest_is_gone() {
    let mut guest = hostile_guest();
    let process = watch(guest.id());
    assert_eq!(guest.wait_for(Duration::ZERO).unwrap(), None);
    guest.kill().unwrap();
    let exit = guest.wait_for(PATIENCE).unwrap().expect("it ends");
    assert_eq!((exit.ending, exit.cause), (Ending::Signal(9), Some(Cause::Killed)));
    assert_eq!(guest.wait().unwrap(), exit);
    check_gone(&process);
    guest.kill().unwrap();
}

fn a_dropped_guest_is_gone() {
    let guest = hostile_guest();
    let id = guest.id();
    let process = watch(id);
    drop(guest);
    check_gone(&process);
    let pid = Pid::from_raw(id.try_into().unwrap()).unwrap();
    assert!(rustix::process::test_kill_process(pid).is_err(), "it was not reaped");
}

fn a_replaced_executable_is_not_executed() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    std::fs::copy(probe(), &path).unwrap();
    let checked = File::open(&path).unwrap();
    let foreign = folder.path().join("foreign");
    std::fs::copy("/bin/true", &foreign).unwrap();
    std::fs::rename(&foreign, &path).unwrap();
    let mut guest = sandbox::spawn(&bench.confinement, &Program::new(checked)).unwrap();
    guest.socket().write_all(b"nothing\n").unwrap();
    let mut said = String::new();
    guest.take_stdout().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "done \n");
}

#[track_caller]
fn check_failed(bench: &Bench, program: &Program, words: &str) {
    let error = sandbox::spawn(&bench.confinement, program).unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string);
    let message = format!("{error}: {source:?}");
    assert_eq!(error.code(), "sandbox.failed", "{message}");
    assert!(message.contains(words), "{message}");
}

fn what_cannot_be_executed_is_an_error() {
    let bench = Bench::new();
    let text = Program::new(File::open(bench.folder.path().join("secret")).unwrap());
    check_failed(&bench, &text, "the program cannot be executed");
}

fn what_cannot_be_granted_is_an_error() {
    let program = Program::new(File::open(probe()).unwrap());
    let mut bench = Bench::new();
    bench.confinement.read_only.push("/nowhere".into());
    check_failed(&bench, &program, "/nowhere cannot be granted");
    let mut bench = Bench::new();
    bench.confinement.stage = "/nowhere".into();
    check_failed(&bench, &program, "cannot enter /nowhere");
}

/// Every guest gets its own answer, and the end of a thread ends nobody else's guest.
fn guests_at_once_do_not_meet() {
    let bench = Bench::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let bench = &bench;
            scope.spawn(move || {
                for round in 0..10 {
                    let path = format!("artifacts/{thread}-{round}");
                    assert!(bench.inside(&format!("write {path}")).exit.success());
                    assert!(bench.confinement.stage.join(path).exists());
                }
            });
        }
    });
}

fn many_guests_leave_nothing_open() {
    let bench = Bench::new();
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    bench.inside("nothing");
    let before = open();
    for _ in 0..20 {
        bench.inside("nothing");
    }
    assert_eq!(open(), before);
}
