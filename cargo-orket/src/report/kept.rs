//! What was found so far, for the reports that are written once everything is known.
//!
//! Invariant: however much is found, what is kept is bounded, and the rest is counted.

use super::diagnostic::{self, Diagnostic};
use super::junit::{self, Case, Outcome};
use super::{github, sarif};
use crate::exit::Exit;
use std::time::Duration;

/// The most diagnostics that are kept.
const KEPT_MAX: usize = 20_000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Kept {
    diagnostics: Vec<Diagnostic>,
    left_out: usize,
    cases: Vec<Case>,
}

impl Kept {
    /// Keeps one more.
    pub(super) fn diagnostic(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < KEPT_MAX {
            self.diagnostics.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    /// Keeps a case.
    pub(super) fn case(&mut self, case: Case) {
        self.cases.push(case);
    }

    /// How many diagnostics there are.
    pub(super) fn count(&self) -> usize {
        self.diagnostics.len()
    }

    /// Those that came after so many.
    pub(super) fn since(&self, count: usize) -> Vec<Diagnostic> {
        self.diagnostics[count..].to_vec()
    }

    /// As SARIF.
    pub(super) fn sarif(&self, exit: Exit) -> String {
        let log = sarif::log(&self.diagnostics, self.left_out, &diagnostic::root(), exit.is_finished());
        serde_json::to_string_pretty(&log).expect("a log is plain data") + "\n"
    }

    /// As JUnit. What was found of no case is a case of its own.
    pub(super) fn junit(&self, exit: Exit) -> String {
        let is_of_a_case = |one: &&Diagnostic| !self.cases.iter().any(|case| case.found.contains(one));
        let others: Vec<Diagnostic> = self.diagnostics.iter().filter(is_of_a_case).cloned().collect();
        let mut cases = self.cases.clone();
        if cases.is_empty() || !others.is_empty() {
            let is_bad = exit != Exit::Ok && self.cases.iter().all(|case| case.outcome != Outcome::Fails);
            cases.push(Case {
                suite: "cargo orket",
                class: "cargo orket".to_owned(),
                name: "everything else".to_owned(),
                time: Duration::ZERO,
                outcome: if is_bad { Outcome::Fails } else { Outcome::Holds },
                found: others,
            });
        }
        junit::report(&cases)
    }

    /// As annotations of GitHub.
    pub(super) fn annotations(&self) -> String {
        github::annotations(&self.diagnostics, &diagnostic::root())
    }

    /// As the summary of a step that has so many bytes already.
    pub(super) fn summary(&self, before: usize) -> String {
        github::summary(&self.diagnostics, self.left_out, &diagnostic::root(), before)
    }
}
