//! What a guest reports of its failures, as issues of a run.
//!
//! Invariant: a guest speaks for itself. A code that only the host can know to be true, such as
//! `sandbox.failed`, is not believed, because it would decide how the run ends for a script.

use crate::error::{Error, Phase};
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

/// A failure that the guest reported, as a refusal.
pub(super) fn failed(phase: Phase, failure: Failure) -> Error {
    let Failure { code, message, location } = failure;
    let threads = is_refused_thread(&message).then_some(THREADS);
    let mut issue = believed(Issue::error(&code, message));
    if let Some(hint) = threads {
        issue = issue.with_hint(hint);
    }
    Error::refused(
        phase,
        match location {
            Some(location) => issue.at(place(&location)),
            None => issue,
        },
    )
}

/// What helps who wanted a thread.
const THREADS: &str = "Reliable Mode refuses threads, because they end in any order; `orket_runtime::task` does several things at once and \
                       repeats, and `--no-reliable` allows threads";

/// Whether a message is that of std, rayon or tokio for a thread that the sandbox has refused.
fn is_refused_thread(message: &str) -> bool {
    let of_std = message.contains("failed to spawn thread") || message.contains("ThreadPoolBuildError");
    let of_tokio = message.contains("OS can't spawn worker thread");
    (of_std || of_tokio) && message.contains("Operation not permitted")
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

    #[test]
    fn who_is_refused_a_thread_is_told_what_to_do_instead() {
        let hint = |message: &str| {
            let failure = Failure { code: "guest.panicked".into(), message: message.into(), location: None };
            failed(Phase::Execute, failure).issues()[0].hint.clone()
        };
        let refused = "kind: PermissionDenied, message: \"Operation not permitted\" }";
        for what in
            ["failed to spawn thread: Os { code: 1,", "ThreadPoolBuildError { kind: IOError(Os { code: 1,"]
        {
            let hint = hint(&format!("{what} {refused}")).unwrap_or_default();
            assert!(hint.contains("orket_runtime::task"), "{what}: {hint}");
        }
        assert_eq!(
            hint("failed to spawn thread: Os { code: 11, message: \"Resource temporarily unavailable\" }"),
            None
        );
        assert_eq!(hint("Operation not permitted"), None);
    }
}
