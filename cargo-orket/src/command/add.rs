//! `add`: a workload, or a hook of one, in a crate that is there.

use crate::addition::{self, Crate, name_fault};
use crate::args::{Add, Selection};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::project;
use crate::report::{Message, Report};

/// Adds it, and says which files were made and changed.
pub(super) fn run(add: &Add, report: &Report) -> Result<Exit> {
    let (name, selection) = match add {
        Add::Workload(args) => (&args.name, &args.selection),
        Add::Hook(args) => (&args.name, &args.selection),
    };
    if let Some(why) = name_fault(name) {
        return Err(Error::Usage(format!("`{}` cannot be added: {why}", name.escape_debug())));
    }
    let to = to(selection, report)?;
    let (kind, files, next) = match add {
        Add::Workload(_) => ("workload", addition::workload(&to, name)?, format!("cargo orket run {name}")),
        Add::Hook(args) => {
            let files = addition::hook(&to, name, args.at, args.workload.as_deref())?;
            ("hook", files, "cargo orket test".to_owned())
        }
    };
    report.status("Added", &format!("{kind} `{name}`"));
    files.iter().for_each(|file| report.status("Wrote", &file.display().to_string()));
    report.message(&Message::Added { kind, name, files: &files });
    report.next(&[&next]);
    Ok(Exit::Ok)
}

/// The crate that is meant: the one extension here.
fn to(selection: &Selection, report: &Report) -> Result<Crate> {
    let found = project::discover(selection, report)?.extensions;
    match <[_; 1]>::try_from(found) {
        Ok([one]) => Ok(project::sources(&one, selection, report)?),
        Err(all) if all.is_empty() => {
            Err(Error::Usage("something is added to an extension in Rust; there is none here".to_owned()))
        }
        Err(all) => {
            let names: Vec<_> = all.iter().map(|one| format!("`-p {}`", one.name)).collect();
            Err(Error::Usage(format!("say to which extension it is to be added: {}", names.join(", "))))
        }
    }
}
