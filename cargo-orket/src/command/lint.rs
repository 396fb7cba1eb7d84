//! `lint`: what an extension may not name.

use crate::args::LintArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::lint::{Finding, Layer};
use crate::report::{Message, Report, counted};
use crate::{lint, project};

/// Lints, reports every finding and says no where there is one.
pub(super) fn run(args: &LintArgs, report: &Report) -> Result<Exit> {
    let project = project::discover(&args.selection, report)?;
    let mut names: Vec<_> = project.extensions.iter().map(|extension| extension.name.as_str()).collect();
    names.extend(project.python.iter().filter_map(|folder| folder.file_name()?.to_str()));
    report.status("Linting", &names.join(", "));
    let mut findings = lint::lint(&project.extensions, &args.selection, report)?;
    let python = lint::python(&project.python)?.into_iter();
    findings.extend(python.filter_map(|issue| Finding::of_issue(Layer::Python, issue)));
    let issues: Vec<_> = findings.iter().map(Finding::issue).collect();
    issues.iter().for_each(|issue| report.issue(issue));
    let found = match findings.len() {
        0 => "nothing found".to_owned(),
        some => counted(some, "finding"),
    };
    report.status("Finished", &format!("lint: {found}"));
    report.message(&Message::LintFinished { findings: findings.len(), packages: names });
    Ok(Exit::of(&issues))
}
