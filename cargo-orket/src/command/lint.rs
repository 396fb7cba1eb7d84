//! `lint`: what breaks replay or isolation.

use crate::args::LintArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::lint::{Finding, Layer, Outcome, Wish};
use crate::report::{Message, Report, counted};
use crate::{host, lint, project};
use orket_contract::issue::Severity;
use std::path::PathBuf;

/// Lints, reports every finding and says no where one is an error; fixes first, if that is asked for.
pub(super) fn run(args: &LintArgs, report: &Report) -> Result<Exit> {
    let project = project::discover(&args.selection, report)?;
    let mut names: Vec<_> = project.extensions.iter().map(|extension| extension.name.as_str()).collect();
    names.extend(project.python.iter().filter_map(|folder| folder.file_name()?.to_str()));
    if args.fix {
        for extension in &project.extensions {
            lint::permitted(&extension.workspace_root, args.allow_dirty, args.allow_no_vcs)?;
        }
    }
    report.status("Linting", &names.join(", "));
    let builds = args.build || args.strict;
    let wish = Wish { selection: &args.selection, is_strict: args.strict, builds, without: &args.without };
    let mut outcome = lint::lint(&project.extensions, wish, report)?;
    if args.fix && outcome.failure.is_none() && fixed(&outcome, report)? {
        // What is left stands elsewhere now.
        outcome = lint::lint(&project.extensions, wish, report)?;
    }
    outcome.findings.extend(python(&project.python)?);
    for finding in &mut outcome.findings {
        if args.strict && finding.level == Severity::Warning && finding.suppressed.is_none() {
            finding.level = Severity::Error;
        }
    }
    told(&outcome, &names, report);
    let issues: Vec<_> = outcome.findings.iter().map(Finding::issue).collect();
    match &outcome.failure {
        Some(failure) => Err(failure.clone().into()),
        None => Ok(Exit::of(&issues)),
    }
}

/// Applies fixes and says which; whether there were any.
fn fixed(outcome: &Outcome, report: &Report) -> Result<bool> {
    let fixed = lint::fix(outcome)?;
    for (path, count) in &fixed {
        let text = format!("{} ({})", host::relative(path).display(), counted(*count, "finding"));
        report.status("Fixed", &text);
        report.message(&Message::Written { path });
    }
    Ok(!fixed.is_empty())
}

fn python(folders: &[PathBuf]) -> Result<Vec<Finding>> {
    let found = lint::python(folders)?.into_iter();
    Ok(found.filter_map(|issue| Finding::of_issue(Layer::Python, issue)).collect())
}

fn told(outcome: &Outcome, names: &[&str], report: &Report) {
    let accepted = outcome.findings.iter().filter(|finding| finding.suppressed.is_some()).count();
    for finding in &outcome.findings {
        // What is accepted is counted; `-v` and machines are told each.
        match finding.suppressed {
            Some(_) => report.accepted(finding),
            None => report.finding(finding),
        }
    }
    let mut parts = vec![summary(&outcome.findings)];
    if accepted > 0 {
        parts.push(format!("{accepted} accepted"));
    }
    let missing = outcome.missing.iter().map(|(layer, why)| format!("not looked at: {layer} ({why})"));
    parts.extend(missing);
    report.status("Finished", &format!("lint: {}", parts.join("; ")));
    report.message(&Message::LintFinished {
        findings: outcome.findings.len() - accepted,
        packages: names.to_vec(),
        accepted,
        layers: &outcome.layers,
        missing: outcome.missing.iter().map(|(layer, _)| *layer).collect(),
        complete: outcome.failure.is_none() && outcome.missing.is_empty(),
    });
}

fn summary(findings: &[Finding]) -> String {
    let open = || findings.iter().filter(|finding| finding.suppressed.is_none());
    let levels = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let counts = levels
        .into_iter()
        .map(|(level, word)| (open().filter(|finding| finding.level == level).count(), word));
    let words: Vec<_> =
        counts.filter(|(count, _)| *count > 0).map(|(count, word)| counted(count, word)).collect();
    if words.is_empty() { "nothing found".to_owned() } else { words.join(", ") }
}
