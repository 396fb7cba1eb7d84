//! `diff`: where two recorded runs differ, first and in full.

use crate::args::DiffArgs;
use crate::difference;
use crate::error::Result;
use crate::exit::Exit;
use crate::host::resolve;
use crate::report::{Message, Report};
use orket_engine::runs::RecordedRun;
use std::path::Path;

/// Compares; the exit says whether they are equal.
pub(super) fn run(args: &DiffArgs, report: &Report) -> Result<Exit> {
    let load = |meant: &Path| -> Result<RecordedRun> {
        Ok(RecordedRun::load(&resolve(meant, &args.place, report)?)?)
    };
    let difference = difference::between(&load(&args.left)?, &load(&args.right)?, args.limit)?;
    report.text(&difference::shown(&difference));
    report.message(&Message::Diff(&difference));
    Ok(if difference.equal { Exit::Ok } else { Exit::Negative })
}
