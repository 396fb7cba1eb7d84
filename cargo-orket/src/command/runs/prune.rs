//! `runs prune`: removes what is no longer wanted, and says what that freed.

use super::list::table;
use crate::args::PruneArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::host::Places;
use crate::report::{Message, Report, bytes, counted};
use orket_engine::runs::{self, Keep};

/// Prunes every store that is meant.
pub(super) fn run(args: &PruneArgs, report: &Report) -> Result<Exit> {
    let places = Places::open(&args.place, report)?;
    let keep = Keep { newest: args.keep, within: args.older_than, workload: args.workload.clone() };
    for store in &places.stores {
        let pruned = runs::prune(store, &keep, args.dry_run)?;
        if !pruned.runs.is_empty() {
            report.text(&table(&pruned.runs).fitted(report.columns()));
        }
        let (verb, freed) = if args.dry_run { ("Would prune", "would free") } else { ("Pruned", "freed") };
        let text = format!(
            "{} of {}, which {freed} {}; {} stay",
            counted(pruned.runs.len(), "run"),
            store.dir().display(),
            bytes(pruned.bytes),
            pruned.kept,
        );
        report.status(verb, &text);
        report.message(&Message::Pruned { store: store.dir(), dry_run: args.dry_run, pruned: &pruned });
    }
    Ok(Exit::Ok)
}
