//! What git knows of the place where a project lies.

use super::{Git, LOCAL_WALL, output, without_credentials};
use orket_contract::code;
use orket_contract::issue::Issue;
use std::path::{Path, PathBuf};

/// The most that git may print about one repository, in bytes (64 MiB).
const BYTES_MAX: u64 = 64 << 20;
/// How many changes are kept by name.
const NAMED_MAX: usize = 10;
/// How many repositories are looked at, submodules included.
const REPOSITORIES_MAX: usize = 256;

/// A repository at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The folder that holds `.git`.
    pub top: PathBuf,
    /// The commit that is checked out, in full; none before the first.
    pub commit: Option<String>,
    /// Where `origin` lies, without credentials.
    pub url: Option<String>,
    /// How many files differ from the commit, or are neither in it nor ignored.
    pub changes: usize,
    /// The first of them, by their paths below `top`.
    pub named: Vec<String>,
}

impl State {
    /// Looks at the repository that a folder lies in, with its submodules. Nothing of it runs.
    ///
    /// # Errors
    /// `git.absent`, `git.no-repository`, `git.failed`.
    pub fn of(folder: &Path) -> Result<Self, Issue> {
        let top = top(folder).ok_or_else(|| {
            let message = format!("{} lies in no git repository", folder.display());
            Issue::error(code::GIT_NO_REPOSITORY, message).with_hint("create one with `git init`, and commit")
        })?;
        at(top, &mut REPOSITORIES_MAX.clone())
    }

    /// Why its files are not those of a commit: `git.dirty`, or nothing.
    #[must_use]
    pub fn dirt(&self) -> Option<Issue> {
        let place = self.top.display();
        let message = match (self.is_clean(), self.changes) {
            (true, _) => return None,
            (_, 0) => format!("the repository {place} has no commit yet"),
            (_, 1) => format!("1 file in {place} differs from its commit: {}", self.named[0]),
            (_, changes) => {
                let more = if changes > self.named.len() { ", …" } else { "" };
                format!("{changes} files in {place} differ from its commit: {}{more}", self.named.join(", "))
            }
        };
        let hint = "commit or stash them; what is made anew belongs into `.gitignore`";
        Some(Issue::error(code::GIT_DIRTY, message).with_hint(hint))
    }

    /// Whether its files are those of a commit.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.changes == 0 && self.commit.is_some()
    }
}

/// The repository that a folder lies in: the nearest folder, upwards, with a `.git` in it. Git's own search would also take a folder that is laid
/// out like a bare repository, which a foreign project may hold.
#[must_use]
pub fn top(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    folder.ancestors().find(|above| above.join(".git").exists()).map(Path::to_path_buf)
}

/// Looks at one repository and its submodules; `left` counts down how many may still be looked at.
fn at(top: PathBuf, left: &mut usize) -> Result<State, Issue> {
    *left = left.checked_sub(1).ok_or_else(|| {
        let message = format!("there are more than {REPOSITORIES_MAX} submodules");
        Issue::error(code::GIT_FAILED, message)
    })?;
    let config = Config::read(&top)?;
    let git = config.overridden();
    let mut state = State { url: config.url(), top, commit: None, changes: 0, named: Vec::new() };
    let words = [
        "--porcelain=v2",
        "--branch",
        "-z",
        "--untracked-files=normal",
        "--ignore-submodules=dirty",
        "--no-renames",
    ];
    state.read(&ask(&git, &state.top, "status", &words)?);
    for submodule in submodules(&ask(&git, &state.top, "ls-files", &["--stage", "-z"])?) {
        let folder = state.top.join(&submodule);
        if folder.join(".git").exists() {
            state.add_submodule(&submodule, &at(folder, left)?);
        }
    }
    Ok(state)
}

/// Asks about the working tree at `top`, wherever its configuration would lead.
fn ask(git: &Git, top: &Path, subcommand: &str, words: &[&str]) -> Result<Vec<u8>, Issue> {
    let mut command = git.command(top, subcommand)?;
    command.args(words).env("GIT_DIR", top.join(".git")).env("GIT_WORK_TREE", top);
    output(command, BYTES_MAX, LOCAL_WALL)
}

impl State {
    /// Takes over what `git status --porcelain=v2 -z` printed.
    fn read(&mut self, status: &[u8]) {
        for record in status.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            let record = String::from_utf8_lossy(record);
            if let Some(oid) = record.strip_prefix("# branch.oid ") {
                self.commit = (oid != "(initial)").then(|| oid.to_owned());
            } else if !record.starts_with('#') {
                self.add_change(path(&record).to_owned());
            }
        }
    }

    fn add_change(&mut self, path: String) {
        self.changes += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(path);
        }
    }

    fn add_submodule(&mut self, name: &str, inner: &Self) {
        for path in &inner.named {
            self.add_change(format!("{name}/{path}"));
        }
        self.changes += inner.changes - inner.named.len();
    }
}

/// The path in a record of `git status --porcelain=v2`.
fn path(record: &str) -> &str {
    let fields_before = match record.as_bytes().first() {
        Some(b'1') => 8,
        Some(b'u') => 10,
        _ => 1,
    };
    record.splitn(fields_before + 1, ' ').last().unwrap_or(record)
}

/// The paths of submodules in what `git ls-files --stage -z` printed.
fn submodules(listed: &[u8]) -> Vec<String> {
    let entries = listed.split(|byte| *byte == 0).filter(|entry| entry.starts_with(b"160000 "));
    let paths = entries.filter_map(|entry| String::from_utf8(entry.to_vec()).ok());
    paths.filter_map(|entry| Some(entry.split_once('\t')?.1.to_owned())).collect()
}

/// A repository's own settings, from whichever of its files.
struct Config(Vec<(String, String)>);

impl Config {
    /// Reads them; reading runs nothing.
    fn read(top: &Path) -> Result<Self, Issue> {
        let printed = ask(&Git::local(), top, "config", &["--list", "--null", "--includes"])?;
        // What cannot be named exactly cannot be overridden either.
        let text = String::from_utf8(printed).map_err(|_| {
            let message = format!("the configuration of {} is not UTF-8", top.display());
            Issue::error(code::GIT_FAILED, message)
        })?;
        let entries = text.split('\0').filter(|entry| !entry.is_empty());
        let split = |entry: &str| {
            let (key, value) = entry.split_once('\n').unwrap_or((entry, ""));
            (key.to_owned(), value.to_owned())
        };
        Ok(Self(entries.map(split).collect()))
    }

    /// Git with every filter of the repository switched off: comparing a file would run it.
    fn overridden(&self) -> Git {
        let filters = self.0.iter().filter(|(key, _)| key.starts_with("filter."));
        filters.fold(Git::local(), |git, (key, _)| {
            git.with(key, if key.ends_with(".required") { "false" } else { "" })
        })
    }

    fn url(&self) -> Option<String> {
        let (_, url) = self.0.iter().rfind(|(key, _)| key == "remote.origin.url")?;
        Some(without_credentials(url))
    }
}
