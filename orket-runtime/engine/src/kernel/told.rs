//! What a guest reports of its failures, as issues of a run.
//!
//! Invariant: a guest speaks for itself. A code that only the host can know to be true, such as
//! `sandbox.failed`, is not believed, because it would decide how the run ends for a script.

use crate::ambient::Ambient;
use crate::error::{Error, Phase};
use crate::loader::Resolved;
use orket_contract::ambient::Kind;
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use orket_contract::protocol::Failure;

/// The families of codes of the table that a guest may use, besides codes of its own.
const SPOKEN: [&str; 10] = [
    "artifact",
    "capability",
    "entrypoint",
    "guest",
    "import",
    "input",
    "json",
    "material",
    "protocol",
    "result",
];

/// What fails for want of something that the sandbox refuses.
struct Refused {
    kind: Kind,
    code: &'static str,
    what: &'static str,
    hint: &'static str,
}

const REFUSED: [Refused; 2] = [
    Refused {
        kind: Kind::Thread,
        code: code::THREAD_REFUSED,
        what: "a thread was asked for, and threads come to their ends in any order",
        hint: "`orket_runtime::task` does several things at once and repeats; `--no-reliable` allows threads",
    },
    Refused {
        kind: Kind::Process,
        code: code::PROCESS_REFUSED,
        what: "another process was asked for, and a guest is alone",
        hint: "do the work in the workload itself; `orket_runtime::task` does several things at once and repeats",
    },
];

/// How libc words what a sandbox refuses.
const NOT_PERMITTED: &str = "Operation not permitted";

/// A failure that the guest reported, as a refusal.
pub(super) fn failed(phase: Phase, failure: Failure) -> Error {
    let Failure { code, message, location } = failure;
    let issue = believed(Issue::error(&code, message));
    Error::refused(phase, at(issue, location))
}

/// The same of a guest that has observed something: what fails for want of what the sandbox has refused last says so, and where
/// that was asked for. What was refused earlier was borne, and is not what it fails for.
pub(super) fn failed_for(phase: Phase, failure: Failure, observed: &Ambient, extension: &Resolved) -> Error {
    let wanted = |refused: &&Refused| {
        observed.refused == Some(refused.kind) && failure.message.contains(NOT_PERMITTED)
    };
    let Some(Refused { kind, code, what, hint }) = REFUSED.iter().find(wanted) else {
        return failed(phase, failure);
    };
    let issue = Issue::error(code, format!("{what}: {}", failure.message)).with_hint(*hint);
    Error::refused(phase, at(issue, observed.place(*kind, extension).or(failure.location)))
}

fn at(issue: Issue, location: Option<String>) -> Issue {
    match location {
        Some(location) => issue.at(place(&location)),
        None => issue,
    }
}

/// The issue, with another code where a guest cannot know that its own is true.
pub(super) fn believed(issue: Issue) -> Issue {
    let noun = issue.code.split('.').next().unwrap_or_default();
    if is_code(&issue.code) && (code::find(&issue.code).is_none() || SPOKEN.contains(&noun)) {
        return issue;
    }
    let message = format!("{} (the extension called it `{}`)", issue.message, issue.code.escape_debug());
    Issue { code: code::RESULT_ERROR.to_owned(), message, ..issue }
}

/// Whether a text has the form `noun.what`.
fn is_code(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    text.len() <= 128 && text.contains('.') && text.split('.').all(is_word)
}

/// Reads `file:line:column`.
fn place(text: &str) -> Location {
    let mut parts = text.rsplitn(3, ':');
    let column = parts.next().and_then(|part| part.parse().ok());
    let line = parts.next().and_then(|part| part.parse().ok());
    match (parts.next(), line, column) {
        (Some(file), Some(line), Some(column)) => Location { file: file.to_owned(), line, column },
        _ => Location { file: text.to_owned(), line: 0, column: 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, expected: &str) {
        assert_eq!(believed(Issue::error(code, "it says so")).code, expected);
    }

    #[test]
    fn a_guest_speaks_for_itself_alone() {
        for own in ["world.unsolvable", "probe.bad_verdict", "a.b.c", "input.invalid", "guest.panicked"] {
            check(own, own);
        }
        for foreign in ["sandbox.failed", "store.failed", "replay.diverged", "limit.cpu", "workload.unknown"]
        {
            check(foreign, "result.error");
        }
        for malformed in ["", "oops", "a.", "a b.c", "a.\x1b[2J", &"a.".repeat(100)] {
            check(malformed, "result.error");
        }
    }

    #[test]
    fn places_are_read_where_there_are_any() {
        assert_eq!(place("src/lib.rs:3:7").to_string(), "src/lib.rs:3:7");
        assert_eq!(place("C:\\x.rs:3:7").file, "C:\\x.rs");
        assert_eq!(place("nowhere").to_string(), "nowhere");
    }
}
