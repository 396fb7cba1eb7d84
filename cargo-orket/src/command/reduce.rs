//! `reduce`: the smallest input, script and snapshot with which a workload does not repeat.

use super::pasted;
use super::verify::{Subject, Trials, begins, warn_ambient};
use crate::args::{ReduceArgs, VerifyArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host::{self, Question};
use crate::report::{Message, Report, counted};
use orket_contract::canonical;
use orket_engine::ExtensionManager;
use orket_engine::surroundings::Surroundings;
use orket_engine::verification::{self, Found, Matter, Reference};
use serde_json::Value;
use std::ffi::OsString;
use std::path::PathBuf;

/// How often something smaller is run before it is said to repeat.
const RUNS: usize = 3;

/// Looks for the difference, then for less that shows it.
pub(super) fn run(args: &ReduceArgs, report: &Report) -> Result<Exit> {
    let (asked, manager) = host::begin(&args.asked, Some(&args.workload), report)?;
    let subject = Subject::one(&manager, &args.workload, args.case.as_deref())?;
    if args.ambient {
        warn_ambient(&manager, report)?;
    }
    let progress = report.progress("Reducing", &subject.shown());
    let verified = VerifyArgs::of(args);
    let trials = Trials {
        manager: &manager,
        subject: &subject,
        args: &verified,
        progress: &progress,
        begins: begins(),
    };
    let question = subject.question(&asked)?;
    let found = trials.against_itself(&question, &mut super::grants::Grants::default())?;
    if !found.differs() {
        drop(progress);
        report.status(
            "Repeats",
            &format!("{}: {}; there is nothing to reduce", subject.shown(), found.shown()),
        );
        return Ok(Exit::Ok);
    }
    let whole = matter(&question)?;
    let before = whole.bytes();
    let shows = |less: &Matter| -> Result<bool> {
        progress.say(|| format!("{}: {} of {before} bytes", subject.shown(), less.bytes()));
        Ok(asked_with(&question, less).is_some_and(|less| differs(&trials, &less, &found.surroundings)))
    };
    let (least, attempts) = verification::reduce(whole, args.attempts, &shows)?;
    drop(progress);
    let files = write(args, &question, &least)?;
    let line = line(args, &subject, &question, &found, &files);
    let after = least.bytes();
    report.status(
        "Reduced",
        &format!("{before} to {} in {}", counted(after as u64, "byte"), counted(attempts as u64, "attempt")),
    );
    files.iter().for_each(|(_, path)| report.status("Written", &path.display().to_string()));
    report.status("Again", &line);
    let (workload, path) = (subject.name.as_str(), args.output.as_path());
    report.message(&Message::Reduced { workload, path, before, after, attempts, reproduce: &line });
    Ok(Exit::Ok)
}

/// What of a question can be made smaller.
fn matter(question: &Question) -> Result<Matter> {
    let kv = serde_json::to_value(&question.kv).map_err(Error::Answer)?;
    Ok(Matter { input: question.input.clone(), kv, script: question.script.clone() })
}

/// The same question with less; nothing where that is no snapshot.
fn asked_with(question: &Question, less: &Matter) -> Option<Question> {
    let kv = serde_json::from_value(less.kv.clone()).ok()?;
    Some(Question { input: less.input.clone(), kv, script: less.script.clone(), ..question.clone() })
}

/// Whether runs differ: in these surroundings from one in usual ones. What is refused is no difference that is looked for.
fn differs(trials: &Trials<'_>, question: &Question, surroundings: &Surroundings) -> bool {
    let first = Reference::first(trials.observe(question, &Surroundings::default(), None));
    let Ok((reference, seen)) = first else { return false };
    let is_refused = seen.refusal.is_some();
    !is_refused
        && (0..RUNS).any(|_| {
            let ran = trials.observe(question, surroundings, reference.folder());
            reference.see(ran).is_ok_and(|seen| seen.differs() && seen.refusal.is_none())
        })
}

/// Writes what is left, and says with which option each file is given.
fn write(args: &ReduceArgs, question: &Question, least: &Matter) -> Result<Vec<(&'static str, PathBuf)>> {
    let folder = args.output.as_path();
    std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    let text = |value: &Value| canonical::to_string(value).map(|text| text + "\n").unwrap_or_default();
    let script: String = least.script.iter().map(|line| format!("{line}\n")).collect();
    let memory = serde_json::to_value(&question.memory).map_err(Error::Answer)?;
    let files = [
        ("--input", "input.json", text(&least.input)),
        ("--kv", "kv.json", text(&least.kv)),
        ("--script", "script.txt", script),
        // Not made smaller, and a case's own is in no file that could be named.
        ("--memory", "memory.json", text(&memory)),
    ];
    let mut written = Vec::new();
    for (option, name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(Error::file("write", &path))?;
        written.push((option, path));
    }
    Ok(written)
}

/// The line that shows the difference with what is left.
fn line(
    args: &ReduceArgs,
    subject: &Subject,
    question: &Question,
    found: &Found,
    files: &[(&'static str, PathBuf)],
) -> String {
    const ANEW: &[&str] = &[
        "--case",
        "--attempts",
        "--output",
        "-o",
        "--input",
        "--script",
        "--kv",
        "--memory",
        "--seed",
        "--set",
        "--surroundings",
        "--message-format",
    ];
    let mut words: Vec<OsString> = ["cargo", "orket", "verify", &subject.name].map(OsString::from).to_vec();
    words.extend(pasted::said("reduce", Some(&args.workload), ANEW, &[]));
    words.extend(["--seed".into(), question.seed.to_string().into()]);
    words.extend(files.iter().flat_map(|(option, path)| [option.into(), path.clone().into_os_string()]));
    if !found.surroundings.is_usual() {
        words.extend(["--surroundings".into(), found.surroundings.to_string().into()]);
    }
    pasted::line(&words)
}

impl Subject {
    /// The workload of that name, or a case of it.
    fn one(manager: &ExtensionManager, name: &str, case: Option<&str>) -> Result<Self> {
        let (extension, workload) = manager.find(name)?;
        let folder = |case| {
            orket_engine::journal::case::folder(extension.root()).join(workload.id.as_str()).join(case)
        };
        Ok(Self {
            name: format!("{}/{}", extension.manifest().id, workload.id),
            workload: workload.id.clone(),
            root: extension.root().to_path_buf(),
            is_installed: extension.origin().package.is_some(),
            case: case.map(folder),
        })
    }
}
