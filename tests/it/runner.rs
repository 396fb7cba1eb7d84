//! A small test runner with libtest's closing line, for test binaries that are more than tests.
#![allow(clippy::print_stdout)] // printing is what it is for

use std::panic::catch_unwind;
use std::process::ExitCode;

/// A test and its name.
pub type Case = (&'static str, fn());

/// Runs the cases that the arguments name, or all.
#[must_use]
pub fn run(cases: &[Case], arguments: &[&str]) -> ExitCode {
    if arguments.contains(&"--list") {
        cases.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<_> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let selected = |name: &str| wanted.is_empty() || wanted.iter().any(|want| name.contains(**want));
    let (chosen, rest): (Vec<_>, Vec<_>) = cases.iter().partition(|(name, _)| selected(name));
    let mut failed = 0;
    for (name, case) in &chosen {
        let held = catch_unwind(case).is_ok();
        println!("test {name} ... {}", if held { "ok" } else { "FAILED" });
        failed += usize::from(!held);
    }
    let (verdict, passed) = (if failed == 0 { "ok" } else { "FAILED" }, chosen.len() - failed);
    let filtered = rest.len();
    println!(
        "\ntest result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {filtered} filtered out"
    );
    ExitCode::from(u8::from(failed > 0))
}

/// Whether the tests are asked to do more than each time.
#[must_use]
pub fn deep() -> bool {
    std::env::var_os("ORKET_DEEP").is_some()
}
