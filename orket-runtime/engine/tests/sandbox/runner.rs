//! A small test runner, with libtest's closing line.
#![allow(clippy::print_stdout)] // printing is what it is for

use crate::{attempts, bench, greedy, host, kill, lifetime, limits, measure, profiles, repeat, server};
use std::panic::catch_unwind;
use std::process::ExitCode;

/// A name and what it checks; a check panics if it does not hold.
pub(crate) type Case = (&'static str, fn());

/// Serves as guest or as host if started as one; else runs the cases that the arguments name, or all.
pub(crate) fn main() -> ExitCode {
    greedy::enter();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == host::MARK) {
        host::serve(&arguments[1..]);
    }
    if arguments.iter().any(|argument| argument == "--measure-limits") {
        measure::print();
        return ExitCode::SUCCESS;
    }
    let cases = [
        attempts::CASES,
        host::CASES,
        kill::CASES,
        lifetime::CASES,
        limits::CASES,
        profiles::CASES,
        repeat::CASES,
        server::CASES,
    ];
    let cases: Vec<Case> = cases.concat();
    if arguments.iter().any(|argument| argument == "--list") {
        cases.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let selected = |name: &str| wanted.is_empty() || wanted.iter().any(|want| name.contains(*want));
    bench::compile_probe();
    run(&cases, selected)
}

fn run(cases: &[Case], selected: impl Fn(&str) -> bool) -> ExitCode {
    let (mut passed, mut failed, mut filtered) = (0, 0, 0);
    for (name, case) in cases {
        if !selected(name) {
            filtered += 1;
            continue;
        }
        let held = catch_unwind(case).is_ok();
        println!("test {name} ... {}", if held { "ok" } else { "FAILED" });
        *(if held { &mut passed } else { &mut failed }) += 1;
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {filtered} filtered out"
    );
    ExitCode::from(u8::from(failed > 0))
}
