//! `runs list`: a table that fits the terminal, newest first.

use crate::args::ListRunsArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::host::Places;
use crate::report::{Message, Report, Table, ago, bytes};
use orket_engine::capability::console::visible;
use orket_engine::runs::{Listed, State};

/// Lists runs. A damaged one is listed with its code, and fails nothing.
pub(super) fn run(args: &ListRunsArgs, report: &Report) -> Result<Exit> {
    let all = Places::open(&args.place, report)?.list(args.workload.as_deref())?;
    let shown = if args.limit == 0 { all.len() } else { args.limit.min(all.len()) };
    for run in &all[..shown] {
        report.message(&Message::Run(run));
    }
    if all.is_empty() {
        report.status("Nothing", "is recorded here yet; `cargo orket run WORKLOAD` records a run");
        return Ok(Exit::Ok);
    }
    report.text(&table(&all[..shown]).fitted(report.columns()));
    let damaged = all[..shown].iter().filter(|run| run.state == State::Damaged);
    for (run, issue) in damaged.flat_map(|run| run.issues.iter().map(move |issue| (run, issue))) {
        report.warn(&visible(&format!("{} is damaged: [{}] {}", run.name, issue.code, issue.message)));
    }
    if shown < all.len() {
        report.status("Left", &format!("{} older runs; `--limit 0` lists them all", all.len() - shown));
    }
    Ok(Exit::Ok)
}

/// The name comes first and goes last: what is least missed is left out first.
pub(super) fn table(runs: &[Listed]) -> Table {
    let mut table = Table::new(&[
        ("RUN", 0),
        ("WORKLOAD", 5),
        ("SEED", 4),
        ("STATUS", 6),
        ("WHEN", 3),
        ("FILES", 1),
        ("SIZE", 2),
    ]);
    for run in runs {
        table.row([
            visible(&run.name),
            visible(&run.workload),
            run.seed.clone().unwrap_or_else(|| "?".to_owned()),
            status(run.state).to_owned(),
            run.started.as_deref().map_or_else(|| "?".to_owned(), ago),
            if run.state == State::Damaged { "?".to_owned() } else { run.artifacts.to_string() },
            bytes(run.bytes),
        ]);
    }
    table
}

pub(super) fn status(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Stop => "stopped",
        State::Damaged => "damaged",
    }
}
