//! The second life of this binary: cargo calls it in rustc's place (`RUSTC_WORKSPACE_WRAPPER`), and it calls
//! rustc with one more flag.
//!
//! `RUSTFLAGS` would do the same and rebuild every dependency whenever it changes; with a wrapper cargo keeps
//! what both ways built.

use std::ffi::OsString;
use std::process::Command;

/// Set for the calls that are meant: the same binary is also called for itself.
pub(super) const MARK: &str = "ORKET_LINT_WRAPPER";

/// Ignores every `#[allow]` of the author.
const FLAGS: [&str; 2] = ["--force-warn", "deprecated"];

/// Becomes rustc and does not return, when cargo calls this binary as its wrapper.
pub(crate) fn enter() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let mut words = std::env::args_os().skip(1);
    let rustc = words.next().unwrap_or_else(|| OsString::from("rustc"));
    let mut command = Command::new(rustc);
    command.args(words).args(FLAGS).env_remove(MARK);
    std::process::exit(match command.status() {
        Ok(status) => status.code().unwrap_or(101),
        Err(_) => 101,
    });
}
