//! What the suite asserts.

use crate::class::Class;
use crate::{ambient, governed, table, traced};
use orket_tests::runner::{self, Case};
use std::collections::BTreeSet;
use std::process::ExitCode;

pub(crate) use orket_tests::runner::deep;

/// How many classes and controls there are at least.
const CLASSES_MIN: usize = 80;
const CONTROLS_MIN: usize = 12;
/// In how many surroundings governed runs are made, each time and deeper.
const SURROUNDINGS: u64 = 2;
const SURROUNDINGS_DEEP: u64 = 24;

/// How often `verify` looks at every class, each time in other surroundings: often enough for 144 looks at controls.
const TRIALS: u64 = 11;

const CASES: &[Case] = &[
    ("nondeterminism::each_class_is_there_once", each_class_is_there_once),
    ("nondeterminism::the_page_counts_every_family", the_page_counts_every_family),
    ("nondeterminism::nothing_leaks_into_a_governed_run", nothing_leaks_into_a_governed_run),
    ("nondeterminism::random_numbers_that_decide_are_traced", random_numbers_that_decide_are_traced),
    ("nondeterminism::causes_are_found_where_nobody_governs", causes_are_found_where_nobody_governs),
];

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    runner::run(CASES, arguments)
}

fn each_class_is_there_once() {
    let names: BTreeSet<_> = table::all().map(|class| class.name).collect();
    let (controls, classes): (Vec<_>, Vec<&Class>) = table::all().partition(|class| class.is_control());
    assert_eq!(names.len(), classes.len() + controls.len(), "a class is in the table twice");
    assert!(classes.len() >= CLASSES_MIN && controls.len() >= CONTROLS_MIN, "{} classes", classes.len());
    let listed = include_str!("program/src/main.rs");
    for name in &names {
        assert!(listed.contains(name), "the program lacks {name}");
    }
}

fn the_page_counts_every_family() {
    let page = include_str!("../../../docs/determinism.md");
    for (family, classes) in table::FAMILIES {
        let row = format!("| {family} | {} |", classes.len());
        assert!(page.contains(&row), "docs/determinism.md lacks `{row}`");
    }
}

fn nothing_leaks_into_a_governed_run() {
    governed::judge(if deep() { SURROUNDINGS_DEEP } else { SURROUNDINGS });
}

fn random_numbers_that_decide_are_traced() {
    traced::judge();
}

/// Deep alone: it takes minutes.
fn causes_are_found_where_nobody_governs() {
    if deep() {
        ambient::judge(TRIALS);
    }
}
