//! What people and machines are told of a verification.

use super::super::pasted;
use super::before;
use super::subject::Subject;
use crate::args::VerifyArgs;
use crate::error::{Error, Result};
use crate::host::Asked;
use crate::report::{Answer, Case, Message, Outcome, Report, counted};
use orket_contract::issue::Issue;
use orket_engine::ExtensionManager;
use orket_engine::verification::{Claim, Found, Verdict};
use std::ffi::OsString;
use std::time::Duration;

/// Says what `--ambient` means, and refuses what cannot be run so.
pub(in super::super) fn warn_ambient(manager: &ExtensionManager, report: &Report) -> Result<()> {
    if let Some(extension) = manager.extensions().find(|extension| extension.python().is_some()) {
        let message = format!("`--ambient` is for programs; `{}` is Python", extension.manifest().id);
        return Err(Error::Usage(message));
    }
    report.warn("`--ambient` runs the extension's own code as `cargo run` would: without the sandbox and with your rights");
    Ok(())
}

/// Tells what was found out about a subject.
pub(super) fn tell(
    found: &Found,
    took: Duration,
    subject: &Subject,
    args: &VerifyArgs,
    asked: &Asked,
    report: &Report,
) {
    let issues: Vec<Issue> = difference(found).into_iter().chain(found.issue.clone()).collect();
    let before = report.count();
    issues.iter().for_each(|issue| report.issue(issue));
    let case = subject.case_name();
    let examined = Case {
        suite: "verify",
        class: subject.name.clone(),
        name: case.clone().unwrap_or_else(|| "fresh runs".to_owned()),
        time: took,
        outcome: if found.verdict.holds() { Outcome::Holds } else { Outcome::Fails },
        found: issues.iter().map(Into::into).collect(),
    };
    report.case(examined, before);
    let runs = if found.verdict.holds() { subject.runs(args) } else { found.runs };
    let line = reproduce(found, subject, args, asked.seed);
    let how = if case.is_some() && !args.ambient { "from its record and in" } else { "in" };
    let verb = match found.verdict {
        Verdict::Repeats | Verdict::Seed => "Repeats",
        Verdict::Refused => "Refused",
        Verdict::Incomplete => "Unclear",
        _ => "Differs",
    };
    let shown = match found.verdict {
        Verdict::Repeats => String::new(),
        _ => format!(": {}", found.shown()),
    };
    let ambient = if args.ambient { " without a sandbox" } else { "" };
    let counted = counted(u64::from(runs), "run");
    report.status(verb, &format!("{} {how} {counted}{ambient}{shown}", subject.shown()));
    if !found.verdict.holds() {
        report.status("Again", &line);
    }
    if let Some(why) = lowered(found).filter(|_| !args.ambient) {
        report.warn(&why);
    }
    let answer = Answer {
        ambient: args.ambient,
        verdict: found.verdict,
        claim: claimed(found, args.ambient),
        lacks: &found.lacks,
        executions: found.runs,
        causes: &found.causes,
        whole: found.is_whole,
        dimensions: found.dimensions(),
        surroundings: &found.surroundings,
        steadied_by: &found.steadied_by,
        draws: &found.draws,
        issue: found.issue.as_ref(),
        tried: &found.tried,
        reproduce: &line,
    };
    report.message(&Message::Verified {
        workload: &subject.name,
        case: case.as_deref(),
        runs: subject.runs(args),
        repeats: found.verdict.holds(),
        divergence: found.divergence.as_ref(),
        found: Some(&answer),
    });
}

/// What may be claimed: without a sandbox, nothing.
pub(super) fn claimed(found: &Found, ambient: bool) -> Claim {
    if ambient { Claim::NonDeterministic } else { found.claim }
}

/// Why no more is claimed, where runs came to the same without all that makes them.
fn lowered(found: &Found) -> Option<String> {
    let lacked = found.verdict.holds() && !found.lacks.is_empty();
    let names = found.lacks.join("`, `");
    lacked.then(|| format!("no more is claimed than `{}`: the runs lack `{names}`", found.claim.name()))
}

/// Where it parts first, and what that comes from.
fn difference(found: &Found) -> Option<Issue> {
    let divergence = found.divergence.as_ref()?;
    let issue = divergence.issue();
    let hint = because(found).or_else(|| before(divergence));
    Some(Issue { hint: issue.hint.or(hint), ..issue })
}

/// What a difference comes from, as far as that is known.
fn because(found: &Found) -> Option<String> {
    match found.verdict {
        Verdict::Env if found.is_whole => {
            Some(format!("it depends on its surroundings; it is enough that {}", found.surroundings))
        }
        Verdict::Env => Some(format!(
            "it depends on its surroundings; the search for what of them matters was cut short at {}",
            found.surroundings
        )),
        Verdict::Intrinsic if !found.steadied_by.is_empty() => {
            let names: Vec<_> = found.steadied_by.iter().map(|dimension| dimension.name()).collect();
            Some(format!("it differs by itself, and not once `{}` is fixed", names.join("` or `")))
        }
        Verdict::Intrinsic => Some("it differs by itself: the surroundings were equal".to_owned()),
        _ => None,
    }
}

/// The line that shows the same again: the words of this call, for this subject and these surroundings.
fn reproduce(found: &Found, subject: &Subject, args: &VerifyArgs, seed: u64) -> String {
    const ANEW: &[&str] =
        &["--case", "--surroundings", "--message-format", "--claim", "--sign-key", "--seed"];
    let mut words: Vec<OsString> = ["cargo", "orket", "verify", &subject.name].map(OsString::from).to_vec();
    words.extend(pasted::said("verify", args.workload.as_deref(), ANEW, &[]));
    match subject.case_name() {
        Some(case) => words.extend(["--case".into(), case.into()]),
        None if args.asked.request.is_given() => words.extend(["--seed".into(), seed.to_string().into()]),
        None => {}
    }
    if !found.surroundings.is_usual() {
        words.extend(["--surroundings".into(), found.surroundings.to_string().into()]);
    }
    pasted::line(&words)
}
