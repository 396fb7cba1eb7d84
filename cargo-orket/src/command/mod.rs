//! One file per command: typed arguments in, reports out.

mod add;
mod attest;
mod build;
mod check;
mod ci;
mod completions;
mod config;
mod conformance;
mod diff;
mod doctor;
mod expand;
mod explain;
mod grants;
mod graph;
mod inspect;
mod install;
mod keygen;
mod lint;
mod list;
mod man;
mod migrate;
mod new;
mod output;
mod package;
mod pasted;
mod prompt;
mod rebuild;
mod reduce;
mod replay;
mod report;
mod run;
mod runs;
mod sbom;
mod schema;
mod show;
mod sign;
mod source;
mod sweep;
mod test;
mod uninstall;
mod verify;
mod wanted;

pub(crate) use sweep::Finding;

use crate::args::{Args, Attest, Command, Extensions};
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{Message, Report};
use std::ffi::OsString;

/// Does what the words of the command line ask for.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> Exit {
    let words: Vec<OsString> = words.collect();
    let args = match Args::read(words.iter().cloned()) {
        Ok(args) => args,
        Err(shown) => return instead(&shown, &Report::new(&Args::output_of(&words))),
    };
    let report = Report::new(&args.output);
    report.pause();
    let exit = dispatch(args.command, &report).unwrap_or_else(|error| {
        report.error(&error);
        error.exit()
    });
    finish(&report, exit)
}

/// Shows what the parser has to say instead of a command: help, or what is wrong with the words.
fn instead(shown: &clap::Error, report: &Report) -> Exit {
    let printed = shown.print();
    if shown.use_stderr() {
        report.message(&Message::Usage { message: &complaint(&shown.render().to_string()) });
        return finish(report, Exit::Usage);
    }
    report.keep(printed);
    settled(report, Exit::Ok)
}

/// What is wrong, without the usage and the pointer to the help that follow it for people.
fn complaint(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let ends = ["\n\nUsage:", "\n\nFor more information"].into_iter().filter_map(|end| text.find(end));
    text[..ends.min().unwrap_or(text.len())].trim_end().to_owned()
}

/// The last message and the exit, which say so if anything before them was lost.
fn finish(report: &Report, exit: Exit) -> Exit {
    report.document(exit);
    let exit = if report.has_lost() { Exit::Failed } else { exit };
    report.message(&Message::summary(exit));
    settled(report, exit)
}

/// The exit once nothing more is written.
fn settled(report: &Report, exit: Exit) -> Exit {
    let exit = if report.has_lost() { Exit::Failed } else { exit };
    report.loss();
    exit
}

fn dispatch(command: Command, report: &Report) -> Result<Exit> {
    match command {
        Command::Migrate(args) => migrate::run(&args, report),
        Command::New(args) => new::run(&args, report),
        Command::Add(add) => add::run(&add, report),
        Command::Check(args) => check::run(&args, report),
        Command::Ci(args) => ci::run(&args, report),
        Command::Lint(args) => lint::run(&args, report),
        Command::Build(args) => build::run(&args, report),
        Command::Install(args) => install::run(&args, report),
        Command::Show(args) => show::run(&args, report),
        Command::Uninstall(args) => uninstall::run(&args, report),
        Command::Config => config::run(report),
        Command::Package(args) => package::run(&args, report),
        Command::Run(args) => run::run(&args, report),
        Command::Replay(args) => replay::run(&args, report),
        Command::Verify(args) => verify::run(&args, report),
        Command::Reduce(args) => reduce::run(&args, report),
        Command::Keygen(args) => keygen::run(&args, report),
        Command::Sbom(args) => sbom::run(&args, report),
        Command::Sign(args) => sign::run(&args, report),
        Command::Attest(Attest::Verify(args)) => attest::verify(&args, report),
        Command::Diff(args) => diff::run(&args, report),
        Command::Graph(args) => graph::run(&args, report),
        Command::Inspect(args) => inspect::run(&args, report),
        Command::List(args) | Command::Extensions(Extensions::List(args)) => list::run(&args, report),
        Command::Test(args) => test::run(&args, report),
        Command::Conformance(args) => conformance::run(&args, report),
        Command::Doctor(args) => doctor::run(&args, report),
        Command::Report(args) => report::run(&args, report),
        Command::Runs(args) => runs::run(&args, report),
        Command::Expand(args) => expand::run(&args, report),
        Command::Explain(args) => explain::run(&args, report),
        Command::Schema(args) => schema::run(&args, report),
        Command::Completions(args) => completions::run(&args, report),
        Command::Man(args) => man::run(&args, report),
    }
}
