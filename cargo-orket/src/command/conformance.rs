//! `conformance`: whether extensions keep the contract, are governed and repeat.

use crate::args::ConformanceArgs;
use crate::conformance::{self, Check, Examined, Form, KINDS, State, Wanted};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host::Asked;
use crate::report::{Message, Report};
use clap_cargo::style;

/// Tells every check; one that failed is a no.
pub(super) fn run(args: &ConformanceArgs, report: &Report) -> Result<Exit> {
    if args.list {
        KINDS.iter().for_each(|kind| report.text(&format!("{:<22} {}", kind.name, kind.does)));
        return Ok(Exit::Ok);
    }
    let form = args.output.as_deref().map(Form::of_path).transpose()?;
    let asked = Asked::read(&args.request)?;
    let wanted = Wanted {
        workload: args.workload.as_deref(),
        policy: &args.policy,
        selection: &args.selection,
        asked: &asked,
    };
    let found = conformance::examine(&wanted, report)?;
    found.extensions.iter().for_each(|extension| tell(extension, report));
    if let (Some(path), Some(form)) = (&args.output, form) {
        std::fs::write(path, form.render(&found)?).map_err(Error::file("write", path))?;
        report.status("Wrote", &path.display().to_string());
        report.message(&Message::Written { path });
    }
    Ok(if found.conforms { Exit::Ok } else { Exit::Negative })
}

fn tell(extension: &Examined, report: &Report) {
    extension.checks.iter().for_each(|check| report.message(&Message::Conformance(check)));
    for group in extension.checks.chunk_by(|a, b| a.subject == b.subject) {
        report.text(&format!("{0}{1}{0:#}", style::HEADER, group[0].subject));
        // What was skipped for one reason is one line.
        for alike in group.chunk_by(|a, b| a.state == State::Skipped && a.why == b.why) {
            report.text(&shown(&alike[0], alike.len() - 1));
        }
    }
    let count = |state| extension.checks.iter().filter(|check| check.state == state).count();
    let (passed, failed, skipped) = (count(State::Pass), count(State::Fail), count(State::Skipped));
    let verb = if extension.conforms { "Conforms" } else { "Differs" };
    report.status(verb, &format!("{}: {passed} passed, {failed} failed, {skipped} skipped", extension.id));
}

fn shown(check: &Check, others: usize) -> String {
    let style = match check.state {
        State::Pass => style::GOOD,
        State::Fail => style::ERROR,
        State::Skipped => style::NOP,
    };
    let others = if others == 0 { String::new() } else { format!(" (and {others} other checks)") };
    let mut text = format!(
        "  {style}{}{style:#}  {:<22} {}",
        check.state.as_str(),
        check.name,
        summary(check) + &others
    );
    if let Some(fix) = &check.fix {
        text.push_str(&format!("\n        {:<22} {}fix:{:#} {fix}", "", style::LITERAL, style::LITERAL));
    }
    text
}

/// In a line: why, or the first thing that shows it.
fn summary(check: &Check) -> String {
    match (&check.why, check.evidence.as_slice()) {
        (Some(why), _) => why.clone(),
        (None, []) => check.done.to_owned(),
        (None, [only]) => only.clone(),
        (None, [first, rest @ ..]) => format!("{first} (and {} more)", rest.len()),
    }
}
