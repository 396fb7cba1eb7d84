//! What an attempt is, how it can go, and how one process makes it and says so.

use crate::bait::Bait;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;

/// Something that no guest may do.
pub(crate) struct Attempt {
    pub(crate) name: &'static str,
    /// Whether only root can do it outside of the sandbox.
    pub(crate) root_only: bool,
    /// What a machine may lack, so that nobody can do it there.
    pub(crate) given: Option<&'static str>,
    /// Succeeds only if it was really done.
    pub(crate) deed: fn(&Bait) -> io::Result<()>,
}

/// An attempt that succeeds for anyone whom nothing confines.
pub(crate) const fn attempt(name: &'static str, deed: fn(&Bait) -> io::Result<()>) -> Attempt {
    Attempt { name, root_only: false, given: None, deed }
}

/// What every guest may do: where that fails, guests do not run at all, and their refusals show nothing.
pub(crate) const NEED: Attempt =
    attempt("read-what-is-granted", |_| std::fs::read("workspace/material").map(drop));

impl Attempt {
    pub(crate) const fn root_only(self) -> Self {
        Attempt { root_only: true, ..self }
    }

    pub(crate) const fn given(self, what: &'static str) -> Self {
        Attempt { given: Some(what), ..self }
    }
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// It was done.
    Done,
    /// The kernel answered with this error.
    Refused(i32, String),
    /// What it aims at is not there.
    Absent(String),
    /// It ended by this signal.
    Killed(i32),
    /// It had to be stopped.
    Hung,
    /// It ended without saying how it went.
    Silent(i32),
}

impl Outcome {
    /// Whether nothing was gained by it.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Outcome::Refused(..) | Outcome::Absent(_) | Outcome::Killed(_))
    }

    /// The heading under which the report counts it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused(..) => "refused",
            Outcome::Absent(_) => "absent",
            Outcome::Killed(_) => "killed",
            Outcome::Hung => "hung",
            Outcome::Silent(_) => "silent",
        }
    }

    fn of(result: io::Result<()>) -> Self {
        const ABSENT: [i32; 4] = [libc::ENOENT, libc::ESRCH, libc::EBADF, libc::ENXIO];
        match result {
            Ok(()) => Outcome::Done,
            Err(error) => match error.raw_os_error() {
                Some(code) if !ABSENT.contains(&code) => Outcome::Refused(code, error.to_string()),
                None if error.kind() != io::ErrorKind::NotFound => Outcome::Refused(0, error.to_string()),
                _ => Outcome::Absent(error.to_string()),
            },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Refused(_, text) => write!(f, "refused: {text}"),
            Outcome::Absent(text) => write!(f, "absent: {text}"),
            Outcome::Killed(signal) => write!(f, "killed by signal {signal}"),
            Outcome::Silent(code) => write!(f, "silent, code {code}"),
            Outcome::Done | Outcome::Hung => f.write_str(self.kind()),
        }
    }
}

/// Makes the named attempt in this process and says on stdout how it went.
#[allow(clippy::print_stdout)] // the answer
pub(crate) fn make(name: &str, bait: &str) -> ! {
    let all = crate::subject::all().chain([&NEED]);
    let attempt = all.into_iter().find(|attempt| attempt.name == name).expect("the attempt exists");
    let bait: Bait = serde_json::from_str(bait).expect("the bait is told");
    match Outcome::of((attempt.deed)(&bait)) {
        Outcome::Done => println!("done"),
        outcome => println!("{}", serde_json::to_string(&outcome).expect("an outcome is JSON")),
    }
    std::process::exit(0)
}

/// Says a word and ends, as `echo` does.
#[allow(clippy::print_stdout)] // that is all it does
pub(crate) fn say(word: &str) -> ! {
    println!("{word}");
    std::process::exit(0)
}

/// What a process that has ended said, or how it ended.
pub(crate) fn heard(said: &str, code: Option<i32>, signal: Option<i32>) -> Outcome {
    let said = said.lines().last().unwrap_or_default();
    match (said, signal) {
        ("done", _) => Outcome::Done,
        (_, Some(signal)) => Outcome::Killed(signal),
        _ => serde_json::from_str(said).unwrap_or(Outcome::Silent(code.unwrap_or_default())),
    }
}
