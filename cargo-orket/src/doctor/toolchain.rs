//! Rust and what it links with.

use super::Line;
use super::programs::{first_line, version};
use std::ffi::OsString;

const GROUP: &str = "toolchain";
/// The oldest Rust, for Orket and for extensions.
const RUST_MIN: &str = env!("CARGO_PKG_RUST_VERSION");

pub(super) fn lines() -> Vec<Line> {
    let program =
        |variable: &str, usual: &str| std::env::var_os(variable).unwrap_or_else(|| OsString::from(usual));
    let cargo = program("CARGO", "cargo");
    vec![
        rust("cargo", first_line(&cargo, &["--version"])),
        rust("rustc", first_line(program("RUSTC", "rustc"), &["--version"])),
        component("rustfmt", first_line(&cargo, &["fmt", "--version"]), "`cargo orket new` formats with it"),
        component(
            "clippy",
            first_line(&cargo, &["clippy", "--version"]),
            "new crates are checked with it in CI",
        ),
        compiler(),
        linkers(),
    ]
}

fn rust(name: &str, found: Option<String>) -> Line {
    match found {
        Some(found) if version(&found) >= version(RUST_MIN) => Line::ok(GROUP, name, found),
        Some(found) => {
            let found = format!("{found}; {RUST_MIN} or later is needed");
            Line::problem(GROUP, name, found, "rustup update stable")
        }
        None => Line::problem(GROUP, name, "not found", "install Rust as https://rustup.rs says"),
    }
}

fn component(name: &str, found: Option<String>, purpose: &str) -> Line {
    match found {
        Some(found) => Line::ok(GROUP, name, found),
        None => Line::note(GROUP, name, format!("not found; {purpose}"))
            .fixed_by(format!("rustup component add {name}")),
    }
}

/// What rustc links with, unless it is told otherwise.
fn compiler() -> Line {
    match first_line("cc", &["--version"]) {
        Some(found) => Line::ok(GROUP, "c-compiler", found),
        None => {
            let found = "`cc` is not found; rustc links programs with it";
            Line::problem(
                GROUP,
                "c-compiler",
                found,
                "install gcc or clang (Debian: apt-get install build-essential)",
            )
        }
    }
}

fn linkers() -> Line {
    let found: Vec<String> =
        ["ld", "ld.lld", "mold"].iter().filter_map(|linker| first_line(linker, &["--version"])).collect();
    if found.is_empty() {
        return Line::problem(
            GROUP,
            "linker",
            "none found",
            "install binutils (Debian: apt-get install binutils)",
        );
    }
    Line::ok(GROUP, "linker", found.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_rust_that_is_too_old_or_missing_is_a_problem_with_its_fix() {
        let state = |found: Option<&str>| rust("rustc", found.map(str::to_owned)).state;
        assert_eq!(state(Some("rustc 9.9.0 (x)")), State::Ok);
        assert_eq!(state(Some(&format!("rustc {RUST_MIN}.0"))), State::Ok);
        assert_eq!(state(Some("rustc 1.60.0")), State::Problem);
        assert_eq!(state(Some("nonsense")), State::Problem);
        assert_eq!(state(None), State::Problem);
        assert!(rust("rustc", None).fix.is_some());
    }
}
