//! `lint`: what an extension may not name.

use crate::args::LintArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{Message, Report, counted};
use crate::{lint, project};

/// Lints, reports every finding and says no where there is one.
pub(super) fn run(args: &LintArgs, report: &Report) -> Result<Exit> {
    let project = project::discover(&args.selection, report)?;
    let mut names: Vec<_> = project.extensions.iter().map(|extension| extension.name.as_str()).collect();
    names.extend(project.python.iter().filter_map(|folder| folder.file_name()?.to_str()));
    report.status("Linting", &names.join(", "));
    let mut findings = lint::lint(&project.extensions, &args.selection, report)?;
    findings.extend(lint::python(&project.python)?);
    findings.iter().for_each(|finding| report.issue(finding));
    let found = match findings.len() {
        0 => "nothing found".to_owned(),
        some => counted(some, "finding"),
    };
    report.status("Finished", &format!("lint: {found}"));
    report.message(&Message::LintFinished { findings: findings.len(), packages: names });
    Ok(Exit::of(&findings))
}
