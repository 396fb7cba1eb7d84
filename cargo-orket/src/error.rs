//! Why a command ended without doing what it was asked for.

use crate::exit::Exit;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The words of the command line do not go together.
    #[error("{0}")]
    Usage(String),
    /// What was asked for is refused, for these reasons.
    #[error("refused")]
    Refused(Vec<Issue>),
    /// A program could not be started.
    #[error("cannot start `{program}`")]
    Start {
        /// Its name.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// What was tried, such as `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The host says no, or could not.
    #[error(transparent)]
    Host(#[from] orket_engine::Error),
    /// Cargo's answer makes no sense to us.
    #[error("cannot read cargo's answer")]
    Answer(#[source] serde_json::Error),
}

/// What every fallible function of this package returns.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A closure that turns an IO error into an [`Error::File`].
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { doing, path, source }
    }

    /// A closure that turns an IO error into an [`Error::Start`].
    pub(crate) fn start(program: &std::ffi::OsStr) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_string_lossy().into_owned();
        move |source| Self::Start { program, source }
    }

    /// How the process ends because of it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Refused(issues) => Exit::of(issues),
            Self::Host(error) => Exit::of(&error.issues()),
            Self::Start { .. } | Self::File { .. } | Self::Answer(_) => Exit::Failed,
        }
    }

    /// Whether it says that there is no project here.
    pub(crate) fn is_no_project(&self) -> bool {
        self.issues().iter().any(|issue| issue.code == code::PROJECT_NOT_FOUND)
    }

    /// What is to be reported of it, besides a mistake in usage.
    pub(crate) fn issues(&self) -> Vec<Issue> {
        match self {
            Self::Usage(_) => Vec::new(),
            Self::Refused(issues) => issues.clone(),
            Self::Host(error) => error.issues(),
            Self::Start { .. } | Self::Answer(_) => vec![Issue::error(code::BUILD_FAILED, described(self))],
            Self::File { .. } => vec![Issue::error(code::STORE_FAILED, described(self))],
        }
    }
}

impl From<Issue> for Error {
    fn from(issue: Issue) -> Self {
        Self::Refused(vec![issue])
    }
}

/// An error and its causes in one line.
pub(crate) fn described(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
