//! The command line: one subcommand per task.

use crate::error::{Error, Result};
use crate::workspace::Workspace;
use crate::{bench, ci, codegen, layers, third_party, tidy};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Development tasks of the Orket workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Refuse dependency edges between Orket's packages that ARCHITECTURE.md does not allow
    Layers,
    /// Check what no compiler sees: paths in the docs, pages and tests of codes, forbidden words
    Tidy,
    /// Write what is generated from the table of codes
    Codegen {
        /// Fail where a generated file differs instead of writing it
        #[arg(long)]
        check: bool,
    },
    /// Let verifiers that are not ours check a signed run, and refuse what was changed in it
    ThirdParty,
    /// Measure
    #[command(subcommand)]
    Bench(Bench),
    /// Everything that `.ci/run` checks
    Ci {
        /// Also what takes long: every edition, more seeds, longer fuzzing, packed files
        #[arg(long)]
        deep: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Count the external crates of the SDK; fails above the limit
    SdkWeight {
        /// Also measure a cold build in a fresh target folder
        #[arg(long)]
        time: bool,
    },
    /// Compare a warm `cargo-orket run` with a warm `cargo run`
    Run {
        /// How often each is measured
        #[arg(long, value_name = "N", default_value_t = 15)]
        rounds: usize,
    },
    /// Compare `cargo-orket lint` with `cargo check` and `cargo clippy`, cold and warm
    Lint {
        /// How often each is measured
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: usize,
    },
    /// Compare crates of 1, 10 and 100 workloads with the same code without attributes
    Macros {
        /// How often each is measured
        #[arg(long, value_name = "N", default_value_t = 9)]
        rounds: usize,
    },
    /// Compare a governed start with a bare one and with other sandboxes
    Spawn(Quick),
    /// Compare a capability call with an echo between two processes
    Call(Quick),
    /// Measure a look at the clock in a governed run
    Clock(Quick),
    /// Compare what guests come to with the limits that were asked for
    Limits,
    /// Compare replays of a tiny run with bare starts of its program
    Replay(Quick),
    /// Measure what a record costs, and how soon the first difference of two long transcripts is found
    Transcript(Quick),
}

#[derive(Debug, clap::Args)]
struct Quick {
    /// Come to an end soon, with numbers that say less
    #[arg(long)]
    quick: bool,
}

/// Runs the task that the command line names.
pub(crate) fn run() -> ExitCode {
    let done = Workspace::find().and_then(|workspace| perform(&Args::parse().task, &workspace));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", described(&error));
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &Task, workspace: &Workspace) -> Result<()> {
    match task {
        Task::Layers => layers::run(workspace),
        Task::Tidy => tidy::run(workspace),
        Task::Codegen { check } => codegen::run(workspace, *check),
        Task::ThirdParty => third_party::run(workspace),
        Task::Bench(Bench::SdkWeight { time }) => bench::sdk_weight(workspace, *time),
        Task::Bench(Bench::Run { rounds }) => bench::run(workspace, *rounds),
        Task::Bench(Bench::Lint { rounds }) => bench::lint(workspace, *rounds),
        Task::Bench(Bench::Spawn(Quick { quick })) => bench::host(workspace, "spawn", *quick),
        Task::Bench(Bench::Call(Quick { quick })) => bench::host(workspace, "call", *quick),
        Task::Bench(Bench::Clock(Quick { quick })) => bench::host(workspace, "clock", *quick),
        Task::Bench(Bench::Macros { rounds }) => bench::macros(workspace, *rounds),
        Task::Bench(Bench::Limits) => bench::limits(workspace),
        Task::Bench(Bench::Replay(Quick { quick })) => bench::host(workspace, "replay", *quick),
        Task::Bench(Bench::Transcript(Quick { quick })) => bench::host(workspace, "transcript", *quick),
        Task::Ci { deep } => ci::run(workspace, *deep),
    }
}

fn described(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
