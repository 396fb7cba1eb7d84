//! Asks the person at the terminal for values; nobody else.

use crate::args::NewArgs;
use crate::error::{Error, Result};
use crate::report::Report;
use crate::template::{Declared, Scalar, absent};
use std::io::{self, IsTerminal};

/// Whether there is somebody to ask.
pub(super) fn is_possible(args: &NewArgs, report: &Report) -> bool {
    !args.no_input && report.is_lively() && io::stdin().is_terminal()
}

/// Asks until the answer fits.
///
/// # Errors
/// `template.value-missing` at the end of input.
pub(super) fn ask(name: &str, declared: &Declared, report: &Report) -> Result<Scalar> {
    report.rendered(&format!("{name}: {} ({})", declared.about, declared.wanted()));
    loop {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        if read.map_err(Error::file("read", "standard input".as_ref()))? == 0 {
            return Err(absent(name, declared).into());
        }
        match declared.of_word(line.trim()) {
            Ok(scalar) => return Ok(scalar),
            Err(why) => report.warn(&format!("`{name}` {why}")),
        }
    }
}
