//! Asking git about a repository that somebody else wrote.
//!
//! Invariants: no call prompts, runs a hook, a filter, a monitor, a pager or an external diff, or takes a
//! setting from the environment or from the user's or the system's files. What a call prints and how long
//! it takes are bounded.

mod state;
#[cfg(all(test, unix))]
mod tests;
mod url;

pub use state::{State, top};
pub use url::without_credentials;

use crate::group;
use crate::kernel::Interrupt;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What every call sets, whatever the repository's own configuration says.
const SETTINGS: &[(&str, &str)] = &[
    ("advice.detachedHead", "false"),
    ("core.alternateRefsCommand", ""),
    ("core.askPass", ""),
    ("core.editor", "false"),
    ("core.fsmonitor", "false"),
    ("core.gitProxy", ""),
    ("core.hooksPath", "/dev/null"),
    ("core.pager", "cat"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("core.quotePath", "false"),
    ("core.untrackedCache", "false"),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("fetch.fsckObjects", "true"),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("init.templateDir", ""),
    ("maintenance.auto", "false"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
    ("transfer.bundleURI", "false"),
];

/// What git is told through its environment, which otherwise is empty.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_SYSTEM", "/dev/null"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_SSH_COMMAND", "ssh -oBatchMode=yes"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
];

/// What a call that may use the network keeps of our environment: how to get out and whom to trust.
const NETWORK: &[&str] = &[
    "ALL_PROXY",
    "GIT_SSL_CAINFO",
    "HOME",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// How long git may take to answer about what is on this machine.
pub const LOCAL_WALL: Duration = Duration::from_secs(60);
/// How often a call that is watched is looked at.
const WATCH_EVERY: Duration = Duration::from_millis(100);

/// How git is called: the settings above, and what a caller adds to them.
#[derive(Debug, Clone)]
pub struct Git {
    protocols: String,
    settings: Vec<(String, String)>,
}

impl Git {
    /// For questions about what is on this machine: no protocol is allowed.
    #[must_use]
    pub fn local() -> Self {
        Self::over(&[])
    }

    /// For fetching over these protocols of git's own names, such as `https`, `ssh` or `file`, and no other.
    #[must_use]
    pub fn over(protocols: &[&str]) -> Self {
        let settings = SETTINGS.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self { protocols: protocols.join(":"), settings }
    }

    /// Overrides one more setting, whatever a repository says.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// A call of a subcommand, in the folder `at`.
    ///
    /// # Errors
    /// `git.absent`.
    pub fn command(&self, at: &Path, subcommand: &str) -> Result<Command, Issue> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = absolute(&path);
        let mut command = Command::new(find(&folders)?);
        command
            .env_clear()
            .envs(ENVIRONMENT.iter().copied())
            .envs(std::env::join_paths(&folders).map(|path| ("PATH", path)));
        if !self.protocols.is_empty() {
            command.envs(NETWORK.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        }
        command.env("GIT_ALLOW_PROTOCOL", &self.protocols);
        command.env("GIT_CONFIG_COUNT", self.settings.len().to_string());
        for (at, (key, value)) in self.settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{at}"), key).env(format!("GIT_CONFIG_VALUE_{at}"), value);
        }
        command.current_dir(at).arg("--no-pager").arg(subcommand).stdin(Stdio::null());
        Ok(command)
    }
}

/// Folders of `PATH` that do not depend on where we stand: `.` would be the foreign project.
fn absolute(path: &OsStr) -> Vec<PathBuf> {
    std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect()
}

fn find(folders: &[PathBuf]) -> Result<PathBuf, Issue> {
    let program = format!("git{}", std::env::consts::EXE_SUFFIX);
    folders.iter().map(|folder| folder.join(&program)).find(|path| path.is_file()).ok_or_else(|| {
        Issue::error(code::GIT_ABSENT, "there is no program `git` in the folders of `PATH`")
            .with_hint("install git, or do not ask for what needs it")
    })
}

/// Runs a call to its end and gives what it printed.
///
/// # Errors
/// `git.failed` with git's own words; also when it prints more than `bytes_max` or takes longer than `wall`.
pub fn output(command: Command, bytes_max: u64, wall: Duration) -> Result<Vec<u8>, Issue> {
    watched(command, bytes_max, wall, &Interrupt::default(), &|| Ok(()))
}

/// The same, for a call that ends, with all that it started, when it is interrupted or `watch` finds fault: that looks
/// again and again, and once more at the end.
pub(crate) fn watched(
    mut command: Command,
    bytes_max: u64,
    wall: Duration,
    interrupt: &Interrupt,
    watch: &dyn Fn() -> Result<(), Issue>,
) -> Result<Vec<u8>, Issue> {
    let name = command.get_args().nth(1).unwrap_or_default().to_string_lossy().into_owned();
    let failed = |why: &str| Issue::error(code::GIT_FAILED, format!("`git {name}` failed: {why}"));
    group::own(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut child = command.spawn().map_err(|error| failed(&error.to_string()))?;
    let id = child.id();
    let guard = interrupt.child(move || group::kill(id));
    let printed = printed(&mut child, bytes_max, wall, watch);
    if printed.is_err() {
        group::kill(id);
        // It may have ended by itself.
        let _ = child.kill();
    }
    drop(guard);
    let status = child.wait().map_err(|error| failed(&error.to_string()))?;
    let Printed { stdout, stderr } = printed.map_err(|why| match why {
        Stopped::Failed(why) => failed(&why),
        Stopped::Fault(issue) => issue,
    })?;
    watch()?;
    if status.success() { Ok(stdout) } else { Err(failed(&words(&stderr, status))) }
}

struct Printed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Why a call was not heard to its end.
enum Stopped {
    /// In words about it.
    Failed(String),
    /// What the watch found.
    Fault(Issue),
}

/// What a child prints until it closes both, read by two threads so that neither pipe fills up.
fn printed(
    child: &mut Child,
    bytes_max: u64,
    wall: Duration,
    watch: &dyn Fn() -> Result<(), Issue>,
) -> Result<Printed, Stopped> {
    let (sender, receiver) = mpsc::channel();
    let stdout = child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
    let stderr = child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
    for (is_stdout, pipe, max) in [(true, stdout, bytes_max), (false, stderr, 64 << 10)] {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = pipe.map_or(Ok(0), |pipe| pipe.take(max + 1).read_to_end(&mut bytes));
            // Nobody listens any more once the time is over.
            let _ = sender.send((is_stdout, read.map(|_| bytes)));
        });
    }
    let (mut printed, began) = (Printed { stdout: Vec::new(), stderr: Vec::new() }, Instant::now());
    for _ in 0..2 {
        let (is_stdout, bytes) = loop {
            let left = wall.saturating_sub(began.elapsed());
            match receiver.recv_timeout(left.min(WATCH_EVERY)) {
                Ok(heard) => break heard,
                Err(_) if left.is_zero() => {
                    return Err(Stopped::Failed(format!("it has not ended after {} s", wall.as_secs())));
                }
                Err(_) => watch().map_err(Stopped::Fault)?,
            }
        };
        let bytes = bytes.map_err(|error| Stopped::Failed(error.to_string()))?;
        if is_stdout && bytes.len() as u64 > bytes_max {
            return Err(Stopped::Failed(format!("it prints more than {bytes_max} bytes")));
        }
        *(if is_stdout { &mut printed.stdout } else { &mut printed.stderr }) = bytes;
    }
    Ok(printed)
}

/// Git's own words: the last lines say why.
fn words(stderr: &[u8], status: ExitStatus) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        [] => status.to_string(),
        lines => lines[lines.len().saturating_sub(3)..].join("; "),
    }
}
