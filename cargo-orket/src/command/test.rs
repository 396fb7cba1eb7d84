//! `test`: the extension's own tests, as cargo runs them.

use crate::args::TestArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::project::Extension;
use crate::report::Report;
use crate::{cargo, project};
use std::process::{Command, Stdio};

/// Runs the tests; a failing one is a negative answer, code that does not compile is none.
pub(super) fn run(args: &TestArgs, report: &Report) -> Result<Exit> {
    let project = project::discover(&args.selection, report)?;
    project::needs_rust(project.extensions.len(), "test")?;
    let mut exit = Exit::Ok;
    for group in project.extensions.chunk_by(|a, b| a.workspace_root == b.workspace_root) {
        let mut test = command(group, args, report);
        test.arg("--").args(&args.words).stdin(Stdio::inherit());
        if report.is_for_machines() {
            // Stdout belongs to messages; what tests print is text.
            test.stdout(std::io::stderr());
        }
        let status = test.status().map_err(Error::start(test.get_program()))?;
        if !status.success() {
            compiles(command(group, args, report))?;
            exit = Exit::Negative;
        }
    }
    Ok(exit)
}

/// Cargo ends alike for tests that fail and for code that does not compile; only the first is an answer.
fn compiles(mut command: Command) -> Result<()> {
    command.args(["--no-run", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().map_err(Error::start(command.get_program()))?;
    if status.success() { Ok(()) } else { Err(cargo::failed(&command).into()) }
}

fn command(group: &[Extension], args: &TestArgs, report: &Report) -> Command {
    let mut command = cargo::command("test", report);
    command.arg("--manifest-path").arg(&group[0].manifest_path);
    for extension in group {
        command.args(["--package", &extension.name]);
    }
    command.args(args.selection.compile_words());
    command
}
