//! Completion at the shell: the script that a shell sources, and the answers that it then asks for.
//!
//! The candidates come from the definition of the command line and from what lies in the project; the script holds none
//! of them, so it stays right when commands change. Only what is kept by hand is how a shell comes from `cargo orket …` to it.

mod candidates;
mod glue;

pub(crate) use candidates::{capabilities, cases, codes, commands, layers, recorded, templates, workloads};

use clap::CommandFactory;
use clap_complete::env::{CompleteEnv, Shells};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

/// The variable by which a script asks; its value is the name of the shell.
const ASKED: &str = "ORKET_COMPLETE";
/// The program as it is called where it is found by its name.
const PROGRAM: &str = "cargo-orket";

/// A shell that can be completed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shell {
    /// bash 4.4 or later.
    Bash,
    /// Elvish.
    Elvish,
    /// fish.
    Fish,
    /// PowerShell.
    Powershell,
    /// zsh.
    Zsh,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

/// Answers a shell if one asks; else returns at once.
pub(crate) fn enter() {
    if std::env::var_os(ASKED).is_none() {
        return;
    }
    let words: Vec<OsString> = std::env::args_os().collect();
    let by_cargo = words.iter().skip_while(|word| *word != "--").nth(1).is_some_and(|word| is_cargo(word));
    let folder = std::env::current_dir().ok();
    let env = CompleteEnv::with_factory(|| definition(by_cargo)).var(ASKED);
    match env.try_complete(words, folder.as_deref()) {
        Ok(false) => {}
        Ok(true) => std::process::exit(0),
        // A shell shows nothing of it.
        Err(_) => std::process::exit(1),
    }
}

fn is_cargo(word: &OsStr) -> bool {
    Path::new(word).file_stem().is_some_and(|name| name == "cargo")
}

/// The command line as it is written: `cargo-orket …`, or `cargo orket …`.
fn definition(by_cargo: bool) -> clap::Command {
    let ours = crate::args::Args::command();
    if by_cargo { clap::Command::new("cargo").subcommand(ours.name("orket")) } else { ours }
}

/// The script for a shell.
///
/// # Errors
/// None but what a string that grows can fail with.
pub(crate) fn script(shell: Shell) -> io::Result<String> {
    let (program, shells) = (program(), Shells::builtins());
    let writer = shells.completer(shell.name()).ok_or(io::ErrorKind::Unsupported)?;
    let mut script = Vec::new();
    writer.write_registration(ASKED, PROGRAM, PROGRAM, &program, &mut script)?;
    match shell {
        Shell::Bash => script.extend(glue::BASH.bytes()),
        Shell::Zsh => script.extend(glue::ZSH.bytes()),
        Shell::Fish => script.extend(glue::fish(ASKED, &program).bytes()),
        // One completer for each program: `cargo` alone gets `orket` as its only word from it.
        Shell::Elvish | Shell::Powershell => {
            writer.write_registration(ASKED, "cargo", "cargo", &program, &mut script)?;
        }
    }
    String::from_utf8(script).map_err(io::Error::other)
}

/// By name where the shell finds this very program by it, so that the script survives an update; else by path.
fn program() -> String {
    let Ok(here) = std::env::current_exe().and_then(|path| path.canonicalize()) else {
        return PROGRAM.to_owned();
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::split_paths(&path).map(|folder| folder.join(PROGRAM)).find(|path| path.is_file());
    let is_here = named.and_then(|path| path.canonicalize().ok()).is_some_and(|path| path == here);
    if is_here { PROGRAM.to_owned() } else { here.display().to_string() }
}
