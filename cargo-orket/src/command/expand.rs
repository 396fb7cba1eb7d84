//! `expand`: what the attributes add to an extension's sources.

use crate::args::ExpandArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report};
use crate::{expand, project};

/// Prints the expanded sources of each extension.
pub(super) fn run(args: &ExpandArgs, report: &Report) -> Result<Exit> {
    let found = project::discover(&args.selection, report)?.extensions;
    if found.is_empty() {
        return Err(Error::Usage("an extension in Python has no attributes to expand".to_owned()));
    }
    for extension in &found {
        let roots = expand::roots(extension, &args.selection, report)?;
        for expanded in expand::expand(&roots, &extension.root, args.workload.as_deref())? {
            let text = format!("// {}: {}\n{}", extension.name, expanded.file, expanded.text);
            report.text(&text);
            report.message(&Message::Text { text: &text });
        }
    }
    Ok(Exit::Ok)
}
