//! Every profile by itself, for root and for an ordinary user: what a guest needs works, what it may not do is refused, and
//! nothing of it stays behind.

use crate::bench::Bench;
use crate::host::play_as_nobody;
use crate::runner::Case;
use orket_engine::sandbox::{self, Ending, Layer, Outcome, Profile, Showing};
use std::os::unix::fs::MetadataExt;

pub(crate) const CASES: &[Case] = &[
    ("profiles::each_holds_by_itself", each_holds_by_itself),
    ("profiles::each_holds_for_an_ordinary_user", each_holds_for_an_ordinary_user),
    ("profiles::a_layer_that_is_left_out_is_missed", a_layer_that_is_left_out_is_missed),
    ("profiles::a_tree_has_nothing_but_what_is_named", a_tree_has_nothing_but_what_is_named),
];

/// The whole bench in every profile.
pub(crate) fn each_holds_by_itself() {
    for profile in Profile::ALL {
        for mut bench in Bench::each() {
            bench.confinement.profile = Some(profile);
            if bench.serves() && profile == Profile::Landlock {
                assert_eq!(bench.spawn().unwrap_err().code(), "sandbox.unavailable");
                continue;
            }
            check_needs(&bench, profile);
            check_endings(&bench);
        }
        check_trial(profile);
    }
}

fn each_holds_for_an_ordinary_user() {
    play_as_nobody("profiles");
}

#[track_caller]
fn check_needs(bench: &Bench, profile: Profile) {
    let guest = bench.spawn().unwrap();
    assert_eq!(guest.profile(), Some(profile));
    drop(guest);
    for attempt in
        ["read workspace/material", "write artifacts/new", "rename artifacts/new artifacts/old", "std"]
    {
        let made = bench.inside(attempt);
        assert!(made.done() && made.exit.success(), "{profile}: {attempt}: {made:?}");
    }
    if bench.serves() {
        // Others have it until the box is gone.
        return;
    }
    // The host has what the guest wrote, as its own.
    let path = bench.confinement.stage.join("artifacts/old");
    let owner = rustix::process::geteuid().as_raw();
    assert_eq!(std::fs::metadata(&path).unwrap().uid(), owner);
    assert_eq!(std::fs::read_to_string(path).unwrap(), "written");
}

/// The status is the guest's own, whoever waits for it.
#[track_caller]
fn check_endings(bench: &Bench) {
    assert_eq!(bench.inside("abort").exit.ending, Ending::Signal(6));
    assert_eq!(bench.inside("panic").exit.ending, Ending::Code(101));
    assert_eq!(bench.inside("raise 15").exit.ending, Ending::Signal(15));
}

#[track_caller]
fn check_trial(profile: Profile) {
    let trial = sandbox::trial::try_out_in(|confinement| confinement.profile = Some(profile)).unwrap();
    assert_eq!(trial.profile, Some(profile));
    for attempt in trial.attempts.iter().filter(|attempt| profile.contains(attempt.layer)) {
        assert_ne!(attempt.showing(), Showing::Broken, "{profile}: {attempt:?}");
    }
}

/// Each layer that only one thing stands for: without it, that very attempt is done.
fn a_layer_that_is_left_out_is_missed() {
    for (layer, name) in [
        (Layer::Descriptors, "see a descriptor of the host"),
        (Layer::Limits, "allocate more memory than the limit"),
        (Layer::Tree, "learn that /etc/passwd exists"),
        (Layer::Ipc, "learn the name of the host"),
        (Layer::ParentDeath, "outlive the host's thread"),
        (Layer::StartVector, "be told where the vDSO is"),
        (Layer::Ambient, "read the clock"),
    ] {
        let trial = sandbox::trial::try_out_in(|confinement| confinement.omitted = vec![layer]).unwrap();
        let attempt = trial.of(layer).find(|attempt| attempt.name == name).unwrap();
        assert_eq!(attempt.inside, Outcome::Done, "{attempt:?}");
        assert_eq!(trial.profile == Some(Profile::Full), layer.is_repeatability());
    }
}

fn a_tree_has_nothing_but_what_is_named() {
    let mut bench = Bench::new();
    bench.confinement.profile = Some(Profile::Namespaces);
    for path in ["/proc", "/sys", "/dev", "/tmp/..//home", "/root", "/var"] {
        let made = bench.inside(&format!("list {path}"));
        assert!(made.said.starts_with("refused No such file"), "{path}: {made:?}");
    }
    for path in ["/", "/etc", "workspace", "/usr"] {
        let made = bench.inside(&format!("write {path}/new"));
        assert!(made.said.starts_with("refused Read-only"), "{path}: {made:?}");
    }
}
