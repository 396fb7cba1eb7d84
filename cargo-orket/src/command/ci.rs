//! `ci`: everything that a change of an extension is asked, with a locked Cargo.lock and all reports.
//!
//! Invariant: nothing is asked of a person, and the reports are written whatever comes out.

use super::{build, check, lint, verify};
use crate::args::{AskedArgs, BuildArgs, CheckArgs, CiArgs, LintArgs, VerifyArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::project;
use crate::report::{Case, Outcome, Report};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A step: its name and what it does.
type Step<'a> = (&'static str, Box<dyn Fn(&Report) -> Result<Exit> + 'a>);

/// Runs the steps in order. What cannot be finished ends them; the first that is not well decides the exit.
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
    std::fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let report = report.recording(&folder.join("messages.jsonl"))?;
    let mut exit = Exit::Ok;
    for (name, step) in steps(&args) {
        let is_over = !matches!(exit, Exit::Ok | Exit::Negative);
        let done = if is_over { None } else { Some(one(name, &step, &report)) };
        if done.is_none() {
            let outcome = Outcome::Skipped;
            report.case(case(name, Duration::ZERO, outcome, &report, report.count()));
        }
        if exit == Exit::Ok || done == Some(Exit::Failed) {
            exit = done.unwrap_or(exit);
        }
    }
    report.documents(&folder, exit)?;
    report.status("Reports", &folder.display().to_string());
    Ok(exit)
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
    report.case(case(name, begun.elapsed(), outcome, report, before));
    exit
}

fn case(name: &str, time: Duration, outcome: Outcome, report: &Report, before: usize) -> Case {
    let found = report.since(before);
    Case { suite: "ci", class: "cargo orket ci".to_owned(), name: name.to_owned(), time, outcome, found }
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
    let lint = LintArgs { strict: *strict, selection: selection.clone(), ..LintArgs::default() };
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
        ("check", Box::new(move |report: &Report| check::run(&check, report))),
        ("lint", Box::new(move |report: &Report| lint::run(&lint, report))),
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
