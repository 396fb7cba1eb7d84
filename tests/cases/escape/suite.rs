//! What the suite asserts.
#![allow(clippy::print_stdout)] // printing is what it is for

use crate::attempt::Outcome;
use crate::play::{Part, Played, User};
use crate::{lifetime, profile, report, subject};
use orket_engine::sandbox::{Layer, Profile};
use orket_tests::runner::{self, Case, deep};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// How many attempts there are at least, each shown to be possible by somebody outside.
const ATTEMPTS_MIN: usize = 200;

const CASES: &[Case] = &[
    ("escape::names_are_unique", names_are_unique),
    ("escape::the_page_counts_every_subject", the_page_counts_every_subject),
    ("escape::nothing_escapes", nothing_escapes),
    ("escape::every_layer_is_missed", every_layer_is_missed),
];

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    runner::run(CASES, arguments)
}

fn names_are_unique() {
    let names: BTreeSet<_> = subject::all().map(|attempt| attempt.name).collect();
    assert_eq!(names.len(), subject::all().count());
}

fn the_page_counts_every_subject() {
    let page = include_str!("../../../docs/security.md");
    for (subject, attempts) in subject::SUBJECTS {
        let row = format!("| {subject} | {} |", attempts.len());
        assert!(attempts.is_empty() || page.contains(&row), "docs/security.md lacks `{row}`");
    }
    let all = format!("holds {} attempts", subject::all().count());
    // One architecture has more of them.
    assert!(
        cfg!(not(target_arch = "x86_64")) || page.contains(&all),
        "docs/security.md does not say `{all}`"
    );
}

/// Every attempt once in the strongest profile, as every user that this process can be, and as an ordinary one from boxes that stay;
/// deeper, in every profile and as everybody.
fn nothing_escapes() {
    let mut possible = BTreeSet::new();
    let profiles = if deep() { usize::MAX } else { 1 };
    for profile in profile::all().take(profiles) {
        for &user in User::all() {
            let (without, only) = (Vec::new(), Vec::new());
            let part = Part { user, profile, served: false, without, only, controlled: true };
            let alone = part.play();
            possible.extend(report::judge(&part, &alone));
            // Once more from boxes that stay, where there are any; the controls are the same.
            if profile.contains(Layer::Processes) && (deep() || user == User::Ordinary) {
                let part = Part { served: true, controlled: false, ..part };
                let control = |name: &str| alone.iter().find(|one| one.name == name)?.outside.clone();
                let served = part.play().into_iter();
                let served: Vec<_> =
                    served.map(|one| Played { outside: control(&one.name), ..one }).collect();
                report::judge(&part, &served);
            }
        }
    }
    println!("  {} attempts, {} of them possible outside", subject::all().count(), possible.len());
    assert!(possible.len() >= ATTEMPTS_MIN, "only {} attempts are possible outside", possible.len());
}

/// A layer, the profile where it is on its own, others behind which it would not show, and what escapes without it.
const MISSED: &[(Layer, Profile, &[Layer], &str)] = &[
    (Layer::ParentDeath, Profile::Landlock, &[], lifetime::NAME),
    (Layer::Descriptors, Profile::Landlock, &[], "inherited-file"),
    (Layer::Limits, Profile::Landlock, &[], "memory-private"),
    (Layer::Privileges, Profile::Landlock, &[Layer::Identity], "read-sealed-material"),
    (Layer::Identity, Profile::Landlock, &[Layer::SystemCalls], "mode-of-material"),
    (Layer::Processes, Profile::Namespaces, &[Layer::SystemCalls, Layer::Identity], "signal-another"),
    (Layer::Tree, Profile::Namespaces, &[Layer::Identity], "stat-secret"),
    (Layer::Network, Profile::Namespaces, &[Layer::SystemCalls], "tcp-connect"),
    (Layer::Ipc, Profile::Namespaces, &[Layer::SystemCalls, Layer::Identity], "segment-of-host"),
    (Layer::WriteXorExecute, Profile::Landlock, &[Layer::SystemCalls], "map-writable-executable"),
    (Layer::Files, Profile::Landlock, &[], "read-absolute"),
    (Layer::Ports, Profile::Landlock, &[Layer::SystemCalls], "tcp-connect"),
    (Layer::Scopes, Profile::Landlock, &[Layer::SystemCalls, Layer::Identity], "signal-another"),
    (Layer::SystemCalls, Profile::Landlock, &[], "unix-pair"),
    (Layer::Layout, Profile::Landlock, &[], "stack-by-chance"),
    (Layer::StartVector, Profile::Landlock, &[], "vdso-by-start-vector"),
    (Layer::Ambient, Profile::Landlock, &[], "clock-of-the-day"),
    (Layer::Counter, Profile::Landlock, &[], "counter"),
];

fn every_layer_is_missed() {
    let shown: BTreeSet<_> = MISSED.iter().map(|(layer, ..)| *layer).collect();
    assert_eq!(shown, BTreeSet::from(Layer::ALL));
    for (layer, profile, behind, attempt) in MISSED {
        // An ordinary user has no rights that could be left.
        let is_roots = matches!(layer, Layer::Privileges | Layer::Identity);
        let users = User::all().iter().filter(|user| !is_roots || **user == User::Root);
        for &user in users {
            let escaped = |without: Vec<Layer>| {
                let only = if deep() { Vec::new() } else { vec![(*attempt).to_owned()] };
                let part = Part { user, profile: *profile, served: false, without, only, controlled: false };
                let done = part.play().into_iter().filter(|one| one.inside == Outcome::Done);
                done.map(|one| one.name).collect::<BTreeSet<_>>()
            };
            let before = escaped(behind.to_vec());
            let after = escaped([behind, &[*layer][..]].concat());
            let more: Vec<_> = after.difference(&before).collect();
            println!("  {user:?}, {profile} without {layer}: {}, such as {more:?}", more.len());
            assert!(!before.contains(*attempt), "{attempt} shows nothing of {layer}");
            assert!(after.contains(*attempt), "{attempt} is refused without {layer}");
        }
    }
}
