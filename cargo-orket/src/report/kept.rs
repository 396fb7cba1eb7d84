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
    /// Which of the diagnostics are told with a case.
    of_cases: Vec<bool>,
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

    /// Keeps a case, with which all is told that came after so many diagnostics.
    pub(super) fn case(&mut self, case: Case, before: usize) {
        self.of_cases.resize(self.diagnostics.len(), false);
        self.of_cases[before..].fill(true);
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
        let told = self.of_cases.iter().chain(std::iter::repeat(&false));
        let others = self.diagnostics.iter().zip(told).filter(|(_, is_told)| !**is_told);
        let others: Vec<Diagnostic> = others.map(|(one, _)| one.clone()).collect();
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

#[cfg(test)]
mod tests {
    use super::super::odd;
    use super::*;

    #[test]
    fn what_is_told_with_a_case_is_not_told_again() {
        let mut kept = Kept::default();
        let find = |kept: &mut Kept, message: &str| kept.diagnostic(odd::diagnostic("a.b", message, None));
        find(&mut kept, "before");
        let before = kept.count();
        find(&mut kept, "within");
        let case = Case {
            suite: "verify",
            class: "hello_v1".to_owned(),
            name: "first".to_owned(),
            time: Duration::ZERO,
            outcome: Outcome::Fails,
            found: kept.since(before),
        };
        kept.case(case, before);
        find(&mut kept, "after");
        let text = kept.junit(Exit::Negative);
        let (of_case, others) = text.split_once("everything else").expect("two cases");
        assert_eq!((of_case.matches("a.b").count(), others.matches("within").count()), (2, 0), "{text}");
        assert!(others.contains("before") && others.contains("after"), "{text}");
    }
}
