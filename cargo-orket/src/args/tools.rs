//! The words of commands about the tool itself and about whole extensions.

use super::{PolicyArgs, RequestArgs, Selection};
use crate::completion::{self, Shell};
use std::path::PathBuf;

/// Where the script of each shell goes.
pub(super) const COMPLETIONS: &str = "\
The script asks this program for what it offers: commands, options, and the workloads, runs and cases of the project.

  bash        echo 'source <(cargo orket completions bash)' >> ~/.bashrc
  elvish      cargo orket completions elvish >> ~/.config/elvish/rc.elv
  fish        cargo orket completions fish > ~/.config/fish/completions/cargo-orket.fish
              echo 'source ~/.config/fish/completions/cargo-orket.fish' >> ~/.config/fish/config.fish
  powershell  cargo orket completions powershell >> $PROFILE
  zsh         echo 'source <(cargo orket completions zsh)' >> ~/.zshrc    (after compinit)";

/// See [`Command::Conformance`](super::Command::Conformance).
#[derive(Debug, clap::Args)]
pub(crate) struct ConformanceArgs {
    /// Only this workload, and what concerns its extension as a whole
    #[arg(value_name = "WORKLOAD", add = completion::workloads())]
    pub(crate) workload: Option<String>,
    /// Write the report to a file: .md for people, .json for programs, .xml as JUnit's
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// List the checks
    #[arg(long)]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Doctor`](super::Command::Doctor).
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// Only the sandbox, with everything that a guest tried
    #[arg(long)]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(crate) manifest: clap_cargo::Manifest,
}

/// See [`Command::Completions`](super::Command::Completions).
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// See [`Command::Man`](super::Command::Man).
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Print the page about this command; without one, the page about the tool
    #[arg(value_name = "COMMAND", conflicts_with = "output", add = completion::commands())]
    pub(crate) command: Option<String>,
    /// Write all pages to this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

/// See [`Command::Schema`](super::Command::Schema).
#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// The schema; without one, all are listed
    #[arg(value_name = "NAME", conflicts_with = "workload")]
    pub(crate) name: Option<String>,
    /// List the schemas
    #[arg(long)]
    pub(crate) list: bool,
    /// Print the schema of this workload's input instead
    #[arg(long, value_name = "WORKLOAD", add = completion::workloads())]
    pub(crate) workload: Option<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
}
