//! Starting cargo: always the cargo that called us, with the wishes of our own command line.

use crate::args::Selection;
use crate::error::{Error, Result};
use crate::report::Report;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::ffi::OsString;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The variable that nothing which builds is given.
static WITHHELD: OnceLock<String> = OnceLock::new();

/// Keeps a variable, which holds a secret, from cargo and from every build script.
pub(crate) fn withhold(variable: &str) {
    // One call of the tool names one variable.
    let _ = WITHHELD.set(variable.to_owned());
}

/// A call of cargo's subcommand.
pub(crate) fn command(subcommand: &str, report: &Report) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    if let Some(name) = WITHHELD.get() {
        command.env_remove(name);
    }
    command.arg(subcommand).args(report.cargo_words()).stdin(Stdio::null());
    command
}

/// Runs cargo, collects its stdout and passes its stderr on.
///
/// # Errors
/// [`Error::Start`]; when cargo fails, `build.failed`, since cargo has said why.
pub(crate) fn output(mut command: Command) -> Result<Output> {
    command.stderr(Stdio::inherit());
    let output = command.output().map_err(Error::start(command.get_program()))?;
    if output.status.success() { Ok(output) } else { Err(failed(&command).into()) }
}

/// Cargo failed and has shown why.
pub(crate) fn failed(command: &Command) -> Issue {
    let subcommand = command.get_args().next().unwrap_or_default().to_string_lossy().into_owned();
    let offline = command.get_args().any(|word| word == "--offline" || word == "--frozen");
    let issue =
        Issue::error(code::BUILD_FAILED, format!("`cargo {subcommand}` failed; its messages are above"));
    if offline {
        return issue
            .with_hint("if a crate is not in cargo's cache yet, run `cargo fetch` with a network first");
    }
    issue
}

/// Cargo could not do something for every package that was asked for, and has shown why.
pub(crate) fn failed_to(subcommand: &str, selection: &Selection) -> Issue {
    let mut command = Command::new("cargo");
    command.arg(subcommand).args(selection.lock.words());
    failed(&command)
}

/// The target that cargo builds for when none is named.
///
/// # Errors
/// `build.failed`.
pub(crate) fn host_target(report: &Report) -> Result<String> {
    let answer = output(command("-vV", report))?.stdout;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(|host| host.trim().to_owned()).ok_or_else(|| {
        Issue::error(code::BUILD_FAILED, "`cargo -vV` does not say for which target it builds").into()
    })
}
