//! The second life of this binary: cargo calls it in rustc's place (`RUSTC_WORKSPACE_WRAPPER`), and it calls
//! clippy's driver, or rustc where that will do, with more flags.
//!
//! `RUSTFLAGS` would do the same and rebuild every dependency whenever it changes; with a wrapper cargo keeps
//! what both ways built. One pass gives rustc's findings and clippy's. Tests and build scripts do not run in a
//! guest: they are looked at for internal imports alone.

use std::ffi::{OsStr, OsString};
use std::process::Command;

/// Set for the calls that are meant: the same binary is also called for itself.
pub(super) const MARK: &str = "ORKET_LINT_WRAPPER";

/// The path of clippy's driver; not set where there is none.
pub(super) const CLIPPY: &str = "ORKET_LINT_CLIPPY";

/// Set where the lints that the author denies must not end the compilation.
pub(super) const CAPPED: &str = "ORKET_LINT_CAPPED";

/// Ignores every `#[allow]` of the author.
pub(super) const RUSTC_FLAGS: [&str; 2] = ["--force-warn", "deprecated"];

/// The same for what clippy looks for; its other lints are somebody else's.
pub(super) const CLIPPY_FLAGS: [&str; 6] = [
    "--force-warn",
    "clippy::disallowed_methods",
    "--force-warn",
    "clippy::disallowed_types",
    "--allow",
    "clippy::all",
];

/// Becomes rustc and does not return, when cargo calls this binary as its wrapper.
pub(crate) fn enter() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let mut command = command(&words, std::env::var_os(CLIPPY), std::env::var_os(CAPPED).is_some());
    command.env_remove(MARK).env_remove(CLIPPY).env_remove(CAPPED);
    std::process::exit(match command.status() {
        Ok(status) => status.code().unwrap_or(101),
        Err(_) => 101,
    });
}

fn command(words: &[OsString], clippy: Option<OsString>, is_capped: bool) -> Command {
    let (rustc, rest) =
        words.split_first().map_or((OsStr::new("rustc"), words), |(first, rest)| (first, rest));
    // A question about the compiler, such as `-vV`, names no crate.
    let is_guest = names_crate(rest) && !is_test(rest) && !is_build_script(rest);
    let mut command = match clippy.filter(|_| is_guest) {
        Some(driver) => {
            let mut command = Command::new(driver);
            command.arg(rustc).args(rest).args(RUSTC_FLAGS).args(CLIPPY_FLAGS);
            command
        }
        None => {
            let mut command = Command::new(rustc);
            command.args(rest).args(RUSTC_FLAGS);
            command
        }
    };
    if is_capped {
        command.args(["--cap-lints", "warn"]);
    }
    command
}

fn names_crate(words: &[OsString]) -> bool {
    words.iter().any(|word| word == "--crate-name")
}

fn is_test(words: &[OsString]) -> bool {
    words.iter().any(|word| word == "--test")
}

fn is_build_script(words: &[OsString]) -> bool {
    let mut pairs = words.windows(2).filter(|pair| pair[0] == "--crate-name");
    pairs.any(|pair| pair[1].to_string_lossy().starts_with("build_script_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, program: &str, flags: usize) {
        let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        let command = command(&words, Some("clippy-driver".into()), false);
        assert_eq!(command.get_program(), program);
        let added = command.get_args().count() - words.len() + usize::from(program == "rustc");
        assert_eq!(added, flags, "{command:?}");
    }

    #[test]
    fn clippy_sees_what_runs_in_a_guest() {
        check("rustc --crate-name a src/lib.rs", "clippy-driver", 8);
        check("rustc --crate-name a src/lib.rs --test", "rustc", 2);
        check("rustc --crate-name build_script_build build.rs", "rustc", 2);
        check("rustc -vV", "rustc", 2);
    }
}
