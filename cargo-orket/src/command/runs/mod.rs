//! `runs`: what was recorded, listed, shown and removed.

mod list;
mod prune;
mod show;

use crate::args::Runs;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::Report;

/// Does what is asked for.
pub(super) fn run(args: &Runs, report: &Report) -> Result<Exit> {
    match args {
        Runs::List(args) => list::run(args, report),
        Runs::Show(args) => show::run(args, report),
        Runs::Prune(args) => prune::run(args, report),
    }
}
