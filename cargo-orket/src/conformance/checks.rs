//! What came of each check.

use super::kind::Kind;
use orket_contract::issue::Issue;
use serde::Serialize;

/// One check and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// The code of what failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// What was done.
    pub(crate) done: &'static str,
    /// What shows it: digests, names, counts.
    pub(crate) evidence: Vec<String>,
    /// What to do about a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
    /// Its stable name.
    pub(crate) name: &'static str,
    /// What came of it.
    pub(crate) state: State,
    /// The extension, a workload of it, or a case of that.
    pub(crate) subject: String,
    /// Why it failed or was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It could not be done, or there is nothing to do.
    Skipped,
}

impl State {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Skipped => "skip",
        }
    }
}

/// The checks of one subject, as they are made.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    all: Vec<Check>,
    subject: String,
}

impl Checks {
    /// No checks of a subject yet.
    pub(super) fn of(subject: impl Into<String>) -> Self {
        Self { all: Vec::new(), subject: subject.into() }
    }

    /// What was checked.
    pub(super) fn into_all(self) -> Vec<Check> {
        self.all
    }

    pub(super) fn pass(&mut self, kind: Kind, evidence: impl IntoIterator<Item = String>) {
        let check = self.check(kind, State::Pass);
        self.all.push(Check { evidence: evidence.into_iter().collect(), ..check });
    }

    pub(super) fn skip(&mut self, kind: Kind, why: impl Into<String>) {
        let check = self.check(kind, State::Skipped);
        self.all.push(Check { why: Some(why.into()), ..check });
    }

    pub(super) fn fail(&mut self, kind: Kind, issue: &Issue) {
        let check = self.check(kind, State::Fail);
        self.all.push(Check {
            code: Some(issue.code.clone()).filter(|code| !code.is_empty()),
            why: Some(issue.message.clone()),
            fix: issue.hint.clone().or_else(|| Some(format!("cargo orket explain {}", issue.code))),
            ..check
        });
    }

    /// Passes, or fails with the first issue.
    pub(super) fn judge(&mut self, kind: Kind, verdict: Result<Vec<String>, Issue>) -> bool {
        let holds = verdict.is_ok();
        match verdict {
            Ok(evidence) => self.pass(kind, evidence),
            Err(issue) => self.fail(kind, &issue),
        }
        holds
    }

    fn check(&self, kind: Kind, state: State) -> Check {
        Check {
            code: None,
            done: kind.does,
            evidence: Vec::new(),
            fix: None,
            name: kind.name,
            state,
            subject: self.subject.clone(),
            why: None,
        }
    }
}
