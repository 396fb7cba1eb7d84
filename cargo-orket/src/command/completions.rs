//! `completions`: the script that makes a shell complete `cargo orket`.

use crate::args::CompletionsArgs;
use crate::completion;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report};
use std::path::Path;

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs, report: &Report) -> Result<Exit> {
    let script = completion::script(args.shell).map_err(Error::file("write", Path::new("-")))?;
    report.text(&script);
    report.message(&Message::Text { text: &script });
    Ok(Exit::Ok)
}
