//! Starting programs, cargo above all.

use crate::error::{Error, Result};
use crate::workspace::Workspace;
use cargo_metadata::Message;
use std::ffi::OsString;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Output};

/// The cargo that runs this task, in the root of the repository.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(&workspace.root);
    command
}

/// Builds the tool, as `cargo install` does or without optimisations, and gives its path.
pub(crate) fn tool(workspace: &Workspace, optimised: bool) -> Result<PathBuf> {
    let mut command = cargo(workspace);
    command.args(["build", "--locked", "--quiet", "--package", "cargo-orket"]);
    if optimised {
        command.arg("--release");
    }
    program(&mut command, "cargo-orket")
}

/// Builds a program with this command of cargo and gives its path.
pub(crate) fn program(command: &mut Command, name: &str) -> Result<PathBuf> {
    command.arg("--message-format=json-render-diagnostics").stderr(std::process::Stdio::inherit());
    let answer = stdout(command)?;
    let mut paths =
        Message::parse_stream(BufReader::new(answer.as_bytes())).filter_map(|message| match message {
            Ok(Message::CompilerArtifact(artifact)) if artifact.target.name == name => artifact.executable,
            _ => None,
        });
    let path = paths.next().ok_or_else(|| Error::Other(format!("cargo names no program `{name}`")))?;
    Ok(path.into())
}

/// Runs a command whose output is passed through.
pub(crate) fn pass(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|source| start(command, source))?;
    if status.success() { Ok(()) } else { Err(failed(command, &[])) }
}

/// Runs a command and gives what it wrote to stdout.
pub(crate) fn stdout(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if !output.status.success() {
        return Err(failed(command, &output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command to its end, whatever that is.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command.output().map_err(|source| start(command, source))
}

/// The failure of a command with what it wrote.
pub(crate) fn failed(command: &Command, stderr: &[u8]) -> Error {
    let text = String::from_utf8_lossy(stderr);
    let output = if text.trim().is_empty() { String::new() } else { format!(":\n{}", text.trim_end()) };
    Error::Failed { command: line(command), output }
}

fn start(command: &Command, source: std::io::Error) -> Error {
    Error::Start { program: command.get_program().to_string_lossy().into_owned(), source }
}

/// The command as a line for people.
pub(crate) fn line(command: &Command) -> String {
    let name = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
