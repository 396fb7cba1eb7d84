//! `report`: a recorded run as one page of HTML.

use crate::args::ReportArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::host::resolve;
use crate::page;
use crate::report::{Message, Report};
use orket_engine::runs::RecordedRun;
use std::path::{Path, PathBuf};

/// Writes the page.
pub(super) fn run(args: &ReportArgs, report: &Report) -> Result<Exit> {
    let load = |meant: &Path| -> Result<RecordedRun> {
        Ok(RecordedRun::load(&resolve(meant, &args.place, report)?)?)
    };
    let run = load(&args.run)?;
    let other = args.compare.as_deref().map(load).transpose()?;
    let text = page::render(&run, other.as_ref())?;
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.html", run.name())));
    super::output::put("Written", &output, &text, report)?;
    report.message(&Message::Page { run: &run.name(), path: &output, bytes: text.len() });
    Ok(Exit::Ok)
}
