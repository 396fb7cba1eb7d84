//! Boxes that stay: what runs in one after the other finds, how it ends, and what is left of the box.

use crate::bench::{Bench, PATIENCE, probe};
use crate::lifetime::{check_gone, watch};
use crate::runner::Case;
use orket_engine::sandbox::{Cause, Ending, Exit, Profile, Program, Server};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::time::Duration;

pub(crate) const CASES: &[Case] = &[
    ("server::a_run_finds_what_a_new_process_finds", a_run_finds_what_a_new_process_finds),
    ("server::a_run_has_an_account_of_its_own", a_run_has_an_account_of_its_own),
    ("server::a_run_that_is_killed_takes_the_box_along", a_run_that_is_killed_takes_the_box_along),
    ("server::a_box_has_one_guest_at_a_time", a_box_has_one_guest_at_a_time),
    ("server::who_kills_a_run_that_is_over_kills_no_other", late_kill),
    ("server::a_box_ends_with_its_handle", a_box_ends_with_its_handle),
    ("server::every_layer_is_in_force", every_layer_is_in_force),
];

fn server(bench: &Bench) -> Server {
    Server::start(&bench.confinement, &Program::new(File::open(probe()).unwrap())).unwrap()
}

/// Statics, heap, process number, descriptors, signals, environment, folders: as in a guest that was started alone.
fn a_run_finds_what_a_new_process_finds() {
    let found = |bench: &Bench| {
        let made = bench.inside("fresh");
        assert!(made.done(), "{made:?}");
        // What a run leaves there is its host's to remove.
        std::fs::remove_file(bench.confinement.stage.join("artifacts/left")).unwrap();
        made.said
    };
    let [alone, serving] = Bench::each();
    let expected = found(&alone);
    assert!(expected.contains("process 2 of -1") && expected.contains("count 0, heap []"), "{expected}");
    for _ in 0..3 {
        assert_eq!(found(&serving), expected);
    }
}

/// Together they use more than one may.
fn a_run_has_an_account_of_its_own() {
    let mut bench = Bench::serving();
    bench.confinement.limits.cpu_ms = 200;
    for _ in 0..3 {
        let made = bench.inside("burn 100");
        assert!(made.done() && made.exit.success(), "{made:?}");
        assert!((90..200).contains(&made.exit.cpu_ms), "{made:?}");
    }
    assert!(bench.inside("nothing").exit.cpu_ms < 90);
}

fn end(mut guest: orket_engine::sandbox::Guest) -> Exit {
    guest.wait_for(PATIENCE).unwrap().expect("it ends")
}

fn a_run_that_is_killed_takes_the_box_along() {
    let bench = Bench::new();
    let mut server = server(&bench);
    let mut guest = server.spawn(1000).unwrap();
    let process = watch(guest.id());
    guest.socket().write_all(b"hostile\n").unwrap();
    let mut line = String::new();
    BufReader::new(guest.take_stdout().unwrap()).read_line(&mut line).unwrap();
    assert_eq!((line.as_str(), guest.wait_for(Duration::ZERO).unwrap()), ("waiting\n", None));
    guest.kill().unwrap();
    let exit = end(guest);
    assert_eq!((exit.ending, exit.cause), (Ending::Signal(9), Some(Cause::Killed)));
    check_gone(&process);
    assert_eq!(server.spawn(1000).unwrap_err().code(), "sandbox.failed");
}

fn a_box_has_one_guest_at_a_time() {
    let bench = Bench::new();
    let mut server = server(&bench);
    let mut guest = server.spawn(1000).unwrap();
    let error = server.spawn(1000).unwrap_err();
    assert!(error.to_string().contains("the box has a guest"), "{error}");
    guest.socket().write_all(b"nothing\n").unwrap();
    assert!(end(guest).success());
    assert!(server.spawn(1000).is_ok());
}

fn late_kill() {
    let bench = Bench::new();
    let mut server = server(&bench);
    let mut first = server.spawn(1000).unwrap();
    let killer = first.killer().unwrap();
    first.socket().write_all(b"nothing\n").unwrap();
    assert!(end(first).success());
    let mut second = server.spawn(1000).unwrap();
    killer.kill().unwrap();
    second.socket().write_all(b"nothing\n").unwrap();
    let exit = end(second);
    assert!(exit.success(), "{exit:?}");
}

fn a_box_ends_with_its_handle() {
    let bench = Bench::new();
    let mut server = server(&bench);
    let guest = server.spawn(1000).unwrap();
    let process = watch(guest.id());
    drop(server);
    check_gone(&process);
    assert_eq!(end(guest).ending, Ending::Signal(9));
}

fn every_layer_is_in_force() {
    let [alone, serving] = Bench::each().map(|bench| bench.spawn().unwrap().report().to_vec());
    assert_eq!(serving, alone);
    assert_eq!(Bench::serving().spawn().unwrap().profile(), Some(Profile::Full));
}
