//! The command line: words in, typed arguments out. Nothing here has an effect.

mod attest;
mod cargo;
mod ci;
mod command;
mod groups;
mod install;
mod new;
mod output;
mod run;
mod runs;
mod size;
mod sweep;
mod time;
mod tools;

pub(crate) use attest::{Attest, AttestVerifyArgs, KeygenArgs, SignArgs};
pub(crate) use cargo::Selection;
pub(crate) use ci::CiArgs;
pub(crate) use command::{
    BuildArgs, CheckArgs, Command, ExpandArgs, ExplainArgs, Extensions, InspectArgs, LintArgs, ListArgs,
    MigrateArgs, SbomArgs, TestArgs,
};
pub(crate) use install::{InstallArgs, InstalledArgs, PackageArgs, UninstallArgs};
pub(crate) use new::{Add, Ci, NewArgs, Vcs};
pub(crate) use output::{Color, MessageFormat, Output};
pub(crate) use run::{
    AskedArgs, PolicyArgs, ReduceArgs, ReplayArgs, RequestArgs, RunArgs, Seed, ServiceArgs, Surrounded,
    VerifyArgs,
};
pub(crate) use runs::{
    DiffArgs, GraphArgs, GraphFormat, ListRunsArgs, PlaceArgs, PruneArgs, ReportArgs, Runs, ShowArgs,
};
pub(crate) use size::Size;
pub(crate) use sweep::{Seeds, Share, SweepArgs};
pub(crate) use time::Time;
pub(crate) use tools::{CompletionsArgs, ConformanceArgs, DoctorArgs, ManArgs, SchemaArgs};

use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;

/// Write, lint, build, run and verify Orket extensions.
#[derive(Debug, Parser)]
#[command(name = "cargo-orket", bin_name = "cargo orket", version, propagate_version = true)]
#[command(styles = clap_cargo::style::CLAP_STYLING, subcommand_required = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Reads `cargo-orket …` as well as `cargo orket …`, where cargo repeats the subcommand's name.
    pub(crate) fn read(words: impl Iterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut words: Vec<OsString> = words.collect();
        if words.get(1).is_some_and(|word| word == "orket") {
            words.remove(1);
        }
        let color = Color::of_words(&words).for_clap();
        let matches = groups::grouped(Self::command()).color(color).try_get_matches_from(words)?;
        Self::from_arg_matches(&matches)
    }

    /// How to report words that cannot be read: whoever asks for messages gets them then, too.
    pub(crate) fn output_of(words: &[OsString]) -> Output {
        let options = words.split(|word| word == "--").next().unwrap_or_default();
        let is_json = options.iter().any(|word| word == "--message-format=json")
            || options.windows(2).any(|pair| pair[0] == "--message-format" && pair[1] == "json");
        let message_format = if is_json { MessageFormat::Json } else { MessageFormat::Human };
        Output { message_format, color: Some(Color::of_words(words)), quiet: false, verbose: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn cargo_repeats_the_name_of_the_subcommand() {
        let read = |words: &[&str]| Args::read(words.iter().map(OsString::from)).map(|args| args.command);
        assert!(matches!(read(&["cargo-orket", "orket", "list"]), Ok(Command::List(_))));
        assert!(matches!(read(&["cargo-orket", "list"]), Ok(Command::List(_))));
        assert!(read(&["cargo-orket", "orket", "orket", "list"]).is_err());
    }
}
