//! `doctor`: what this machine has of what Orket needs, each lack with its fix.

use crate::args::{DoctorArgs, Selection};
use crate::doctor::{self, Examination, Line, State};
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{Message, Report, counted};
use clap_cargo::style;
use orket_engine::sandbox::{Attempt, Outcome};

/// Tells every line; a problem among them is a no.
pub(super) fn run(args: &DoctorArgs, report: &Report) -> Result<Exit> {
    let found = if args.sandbox {
        doctor::examine_sandbox()
    } else {
        let selection = Selection { manifest: args.manifest.clone(), ..Selection::default() };
        doctor::examine(&selection, report)
    };
    tell(&found, report);
    if args.sandbox {
        found.attempts().iter().for_each(|attempt| tell_attempt(attempt, report));
    }
    let count = |state| found.lines.iter().filter(|line| line.state == state).count();
    let (problems, notes) = (count(State::Problem), count(State::Note));
    report.status(
        "Examined",
        &format!("{}: {problems} with a problem, {notes} with a note", counted(found.lines.len(), "thing")),
    );
    Ok(if problems == 0 { Exit::Ok } else { Exit::Negative })
}

fn tell(found: &Examination, report: &Report) {
    let mut group = "";
    for line in &found.lines {
        if line.group != group {
            group = line.group;
            report.text(&format!("{0}{group}{0:#}", style::HEADER));
        }
        report.text(&shown(line));
        report.message(&Message::Examined(line));
    }
}

fn shown(line: &Line) -> String {
    let mark = marked(line.state);
    let text = format!("  {mark} {:<20} {}", line.name, line.found);
    match &line.fix {
        Some(fix) => format!("{text}\n          {:<20} {}fix:{:#} {fix}", "", style::LITERAL, style::LITERAL),
        None => text,
    }
}

fn marked(state: State) -> String {
    let style = match state {
        State::Ok => style::GOOD,
        State::Note => style::NOP,
        State::Problem => style::ERROR,
    };
    format!("{style}{:<7}{style:#}", state.as_str())
}

fn tell_attempt(attempt: &Attempt, report: &Report) {
    let right = if attempt.allowed { "may" } else { "may not" };
    let (inside, outside) = (outcome(&attempt.inside), outcome(&attempt.outside));
    let text = format!(
        "  {:<18} {right:<7} {:<46} in a guest: {inside}; outside: {outside}",
        attempt.layer.name(),
        attempt.name
    );
    report.text(&text);
    report.message(&Message::Attempt { attempt, shows: attempt.showing() });
}

fn outcome(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Refused(answer) => answer,
    }
}
