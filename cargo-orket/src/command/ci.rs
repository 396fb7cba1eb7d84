//! `ci`: everything that a change of an extension is asked, with a locked Cargo.lock and all reports.
//!
//! Invariants: nothing is asked of a person, and the reports are written whatever comes out; what does not compile is found by
//! the lint, which alone knows where it stands.

use super::{build, check, lint, verify};
use crate::args::{AskedArgs, BuildArgs, CheckArgs, CiArgs, LintArgs, VerifyArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::project;
use crate::report::{Case, Outcome, Report};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A step: its name and what it does.
type Step<'a> = (&'static str, Box<dyn Fn(&Report) -> Result<Exit> + 'a>);

/// Runs the steps in order. What cannot be finished ends them and decides the exit; else the first that is not well does.
pub(super) fn run(args: &CiArgs, report: &Report) -> Result<Exit> {
    let mut selection = args.selection.clone();
    selection.lock.locked = !selection.lock.frozen;
    let args = CiArgs {
        reports: args.reports.clone(),
        services: args.services.clone(),
        policy: args.policy.clone(),
        selection,
        ..*args
    };
    let folder = folder(&args, report)?;
    let report = report.recording(&folder)?;
    let mut exit = Exit::Ok;
    for (name, step) in steps(&args) {
        if exit.is_finished() {
            exit = after(exit, one(name, &step, &report));
        } else {
            tell(name, Duration::ZERO, Outcome::Skipped, &report, report.count());
        }
    }
    report.documents(&folder, exit)?;
    report.status("Reports", &folder.display().to_string());
    Ok(exit)
}

/// The exit of some steps and of one more.
fn after(exit: Exit, step: Exit) -> Exit {
    if exit == Exit::Ok || !step.is_finished() { step } else { exit }
}

/// One step, as a case of the report.
fn one(name: &'static str, step: &dyn Fn(&Report) -> Result<Exit>, report: &Report) -> Exit {
    report.status("Step", name);
    let (begun, before) = (Instant::now(), report.count());
    let exit = step(report).unwrap_or_else(|error| {
        report.error(&error);
        error.exit()
    });
    let outcome = if exit == Exit::Ok { Outcome::Holds } else { Outcome::Fails };
    tell(name, begun.elapsed(), outcome, report, before);
    exit
}

/// Tells a step as a case, with all that was found after so many.
fn tell(name: &str, time: Duration, outcome: Outcome, report: &Report, before: usize) {
    let (class, name, found) = ("cargo orket ci".to_owned(), name.to_owned(), report.since(before));
    report.case(Case { suite: "ci", class, name, time, outcome, found }, before);
}

fn steps(args: &CiArgs) -> Vec<Step<'_>> {
    let CiArgs { strict, runs, services, policy, selection, .. } = args;
    let check = CheckArgs {
        path: None,
        strict: *strict,
        policy: policy.clone(),
        services: services.clone(),
        selection: selection.clone(),
    };
    let lint = LintArgs { strict: *strict, build: true, selection: selection.clone(), ..LintArgs::default() };
    let build = BuildArgs { reproducible: false, selection: selection.clone() };
    let verify = VerifyArgs {
        runs: *runs,
        asked: AskedArgs {
            services: services.clone(),
            policy: policy.clone(),
            selection: selection.clone(),
            ..AskedArgs::default()
        },
        ..VerifyArgs::default()
    };
    vec![
        ("lint", Box::new(move |report: &Report| lint::run(&lint, report))),
        ("check", Box::new(move |report: &Report| check::run(&check, report))),
        ("build", Box::new(move |report: &Report| build::run(&build, report))),
        ("verify", Box::new(move |report: &Report| verify::run(&verify, report))),
    ]
}

/// Where the reports go.
fn folder(args: &CiArgs, report: &Report) -> Result<PathBuf> {
    match &args.reports {
        Some(folder) => Ok(folder.clone()),
        None => Ok(project::discover(&args.selection, report)?.target_directory.join("orket-reports")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_finished_decides_else_the_first_that_is_not_well() {
        for last in [Exit::Usage, Exit::Failed, Exit::Interrupted] {
            assert_eq!(after(Exit::Ok, last), last);
            assert_eq!(after(Exit::Negative, last), last);
        }
        assert_eq!(after(Exit::Negative, Exit::Ok), Exit::Negative);
        assert_eq!(after(Exit::Ok, Exit::Negative), Exit::Negative);
    }
}
