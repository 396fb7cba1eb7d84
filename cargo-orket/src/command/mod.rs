//! One file per command: typed arguments in, reports out.

mod build;
mod check;
mod explain;
mod inspect;
mod lint;
mod list;
mod new;
mod replay;
mod run;
mod test;
mod verify;

use crate::args::{Args, Command, Extensions};
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{Message, Report, SCHEMA};
use std::ffi::OsString;

/// Does what the words of the command line ask for.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> Exit {
    let args = match Args::read(words) {
        Ok(args) => args,
        Err(shown) => {
            let _ = shown.print();
            return if shown.use_stderr() { Exit::Usage } else { Exit::Ok };
        }
    };
    let report = Report::new(&args.output);
    let exit = dispatch(args.command, &report).unwrap_or_else(|error| {
        report.error(&error);
        error.exit()
    });
    report.message(&Message::Summary { schema: SCHEMA, exit: exit.number(), success: exit == Exit::Ok });
    exit
}

fn dispatch(command: Command, report: &Report) -> Result<Exit> {
    match command {
        Command::New(args) => new::run(&args, report),
        Command::Check(args) => check::run(&args, report),
        Command::Lint(args) => lint::run(&args, report),
        Command::Build(args) => build::run(&args, report),
        Command::Run(args) => run::run(&args, report),
        Command::Replay(args) => replay::run(&args, report),
        Command::Verify(args) => verify::run(&args, report),
        Command::Inspect(args) => inspect::run(&args, report),
        Command::List(args) | Command::Extensions(Extensions::List(args)) => list::run(&args, report),
        Command::Test(args) => test::run(&args, report),
        Command::Explain(args) => explain::run(&args, report),
    }
}
