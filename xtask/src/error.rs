//! Why a task failed.

use std::io;
use std::path::{Path, PathBuf};

/// Why a task failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A check said no; every finding was printed.
    #[error("{task}: {count} finding{}", if *count == 1 { "" } else { "s" })]
    Findings {
        /// The check.
        task: &'static str,
        /// How many.
        count: usize,
    },
    /// A program could not be started.
    #[error("cannot start `{program}`")]
    Start {
        /// Its name.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// A program failed; what it printed was passed through.
    #[error("`{command}` failed{output}")]
    Failed {
        /// The command line.
        command: String,
        /// What it printed, where that was captured.
        output: String,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Cargo's answer makes no sense here.
    #[error("cannot read cargo's answer")]
    Answer(#[from] serde_json::Error),
    /// A check cannot be carried out.
    #[error("{0}")]
    Other(String),
}

/// What every fallible function of this package returns.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A closure that turns an IO error into an [`Error::File`].
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { doing, path, source }
    }
}

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// Where: a path from the root of the repository, with a line where there is one.
    pub(crate) place: String,
    /// What.
    pub(crate) message: String,
}

impl Finding {
    /// A finding at a place.
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

/// Prints the findings of a check; none is success.
pub(crate) fn report(task: &'static str, mut findings: Vec<Finding>) -> Result<()> {
    findings.sort();
    findings.dedup();
    for finding in &findings {
        println!("{}: {}", finding.place, finding.message);
    }
    match findings.len() {
        0 => Ok(()),
        count => Err(Error::Findings { task, count }),
    }
}
