//! `graph`: the plan of a workload or of a recorded run, drawn.

use crate::args::{GraphArgs, GraphFormat, PlaceArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::graph::{Drawing, mermaid, svg};
use crate::host::{self, Asked, resolve};
use crate::report::{Message, Report};
use orket_contract::code;
use orket_engine::runs::RecordedRun;

/// Draws, and prints or writes the drawing.
pub(super) fn run(args: &GraphArgs, report: &Report) -> Result<Exit> {
    let drawing = drawing(args, report)?;
    let (format, text) = match args.format {
        GraphFormat::Mermaid => ("mermaid", mermaid(&drawing)),
        GraphFormat::Svg => ("svg", svg(&drawing, true)),
    };
    report.message(&Message::Graph { format, drawing: &text });
    super::output::put("Drawn", &args.output, &text, report)?;
    Ok(Exit::Ok)
}

/// A recorded run where there is one of that name; else the plan of the workload, which is not run.
fn drawing(args: &GraphArgs, report: &Report) -> Result<Drawing> {
    match resolve(&args.subject, &PlaceArgs::of(args.store.clone(), &args.selection), report) {
        Ok(folder) => return Ok(Drawing::of_run(&RecordedRun::load(&folder)?)),
        Err(error) if !is_unknown(&error) => return Err(error),
        Err(error) if args.subject.components().count() > 2 => return Err(error),
        Err(_) => {}
    }
    let workload = args.subject.to_string_lossy();
    let asked = Asked::read(&args.request)?;
    let manager = host::open(&args.selection, &args.policy, Some(&workload), report)?;
    Ok(Drawing::of_plan(&manager.plan(&asked.request(&workload, report))?))
}

fn is_unknown(error: &Error) -> bool {
    error.is_no_project() || error.issues().iter().any(|issue| issue.code == code::CASE_MISSING)
}
