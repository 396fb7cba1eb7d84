//! Gets a revision of a git repository into a fresh folder. Nothing of the repository runs.

use super::{Address, refused};
use crate::error::{Error, Phase};
use crate::git::{Git, LOCAL_WALL, watched};
use crate::kernel::Interrupt;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long fetching may take.
const FETCH_WALL: Duration = Duration::from_secs(15 * 60);
/// How many bytes git may print about what it did.
const BYTES_MAX: u64 = 64 << 20;

/// How many bytes a source may have, its history as far as it is fetched included (2 GiB), and how many files.
pub const SOURCE_BYTES_MAX: u64 = 2 << 30;
const SOURCE_FILES_MAX: usize = 200_000;

/// A checked-out revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// The commit, in full.
    pub commit: String,
    /// What is worth knowing: `source.submodule`.
    pub notes: Vec<Issue>,
}

/// Fetches a revision (the one that the repository offers, when none is named) into an empty folder, in which there are
/// at most `bytes_max` bytes at the end and not many more before.
///
/// # Errors
/// `git.absent`, `git.failed`; `source.invalid` when there is no such revision, `source.too-large`, `source.link` when a
/// link leads out of the folder.
pub fn fetch(
    address: &Address,
    rev: Option<&str>,
    to: &Path,
    bytes_max: u64,
    interrupt: &Interrupt,
) -> Result<Fetched, Error> {
    // A redirection would lead to a host that nobody was asked about.
    let git = Git::over(&[address.protocol.as_str()]).with("http.followRedirects", "false");
    let call = Call { git: &git, at: to, bytes_max, interrupt };
    call.run("init", &["--quiet".as_ref(), "--template=".as_ref()], LOCAL_WALL).map_err(refused)?;
    let commit = call.get(&address.to_string(), rev).map_err(refused)?;
    let checkout = ["--quiet", "--detach", "--no-recurse-submodules", &commit].map(OsStr::new);
    call.run("checkout", &checkout, LOCAL_WALL).map_err(refused)?;
    links(to)?;
    Ok(Fetched { notes: submodules(&call).map_err(refused)?, commit })
}

struct Call<'a> {
    git: &'a Git,
    at: &'a Path,
    bytes_max: u64,
    interrupt: &'a Interrupt,
}

impl Call<'_> {
    fn run(&self, subcommand: &str, words: &[&OsStr], wall: Duration) -> Result<Vec<u8>, Issue> {
        let mut command: Command = self.git.command(self.at, subcommand)?;
        command.args(words);
        watched(command, BYTES_MAX, wall, self.interrupt, &|| self.fits())
    }

    /// Whether what is there by now is no more than a source may have.
    fn fits(&self) -> Result<(), Issue> {
        let (mut bytes, mut files, mut folders) = (0, 0, vec![self.at.to_path_buf()]);
        while let Some(folder) = folders.pop() {
            // What is gone again, and what git makes at this moment, is counted the next time.
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(metadata) = entry.metadata() else { continue };
                (bytes, files) = (bytes + metadata.len(), files + 1);
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
                if bytes > self.bytes_max || files > SOURCE_FILES_MAX {
                    return Err(too_large(self.bytes_max));
                }
            }
        }
        Ok(())
    }

    /// The commit that is meant, with its files.
    fn get(&self, address: &str, rev: Option<&str>) -> Result<String, Issue> {
        let wanted = rev.unwrap_or("HEAD");
        let direct = ["--quiet", "--no-tags", "--depth=1", "--", address, wanted].map(OsStr::new);
        let failed = match self.run("fetch", &direct, FETCH_WALL) {
            Ok(_) => return self.commit("FETCH_HEAD"),
            Err(issue) if issue.code == code::SOURCE_TOO_LARGE => return Err(issue),
            Err(issue) => issue,
        };
        // Many servers give no single commit that is not a branch or tag.
        let Some(rev) = rev.filter(|rev| is_hexadecimal(rev)) else { return Err(explained(failed, rev)) };
        let all = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        let words = ["--quiet", "--no-tags", "--", address].into_iter().chain(all).map(OsStr::new);
        self.run("fetch", &words.collect::<Vec<_>>(), FETCH_WALL)?;
        self.commit(rev).map_err(|issue| explained(issue, Some(rev)))
    }

    fn commit(&self, name: &str) -> Result<String, Issue> {
        let wanted = format!("{name}^{{commit}}");
        let words = ["--verify", "--quiet", "--end-of-options", &wanted].map(OsStr::new);
        let printed = self.run("rev-parse", &words, LOCAL_WALL)?;
        let commit = String::from_utf8_lossy(&printed).trim().to_owned();
        if matches!(commit.len(), 40 | 64) && is_hexadecimal(&commit) {
            return Ok(commit);
        }
        Err(Issue::error(code::GIT_FAILED, "`git rev-parse` names no commit"))
    }
}

fn too_large(bytes_max: u64) -> Issue {
    let message = format!("the repository has more than {bytes_max} bytes or {SOURCE_FILES_MAX} files");
    let hint = "clone it yourself if you trust it, and install from its folder";
    Issue::error(code::SOURCE_TOO_LARGE, message).with_hint(hint)
}

fn is_hexadecimal(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn explained(issue: Issue, rev: Option<&str>) -> Issue {
    let is_missing =
        issue.message.contains("couldn't find remote ref") || issue.message.contains("rev-parse");
    match rev.filter(|_| is_missing) {
        Some(rev) => {
            let message = format!("the repository has no branch, tag or commit `{rev}`");
            Issue::error(code::SOURCE_INVALID, message)
        }
        None => issue,
    }
}

/// Refuses a checkout with a link that leads out of it: a build or a material would follow it.
fn links(root: &Path) -> Result<(), Error> {
    let root = root.canonicalize().map_err(Error::store("find", root))?;
    let mut issues = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::store("list", &folder))? {
            let entry = entry.map_err(Error::store("list", &folder))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(Error::store("read", &folder))?);
            if kind.is_symlink() && !is_inside(&path, &root) {
                let shown = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
                let message = format!("the link `{shown}` in the repository leads out of it, or nowhere");
                issues.push(Issue::error(code::SOURCE_LINK, message));
            } else if kind.is_dir() {
                folders.push(path);
            }
        }
    }
    issues.sort_by(|a, b| a.message.cmp(&b.message));
    if issues.is_empty() { Ok(()) } else { Err(Error::Refused { phase: Phase::Install, issues }) }
}

fn is_inside(link: &Path, root: &Path) -> bool {
    link.canonicalize()
        .is_ok_and(|real: PathBuf| real.starts_with(root) && !real.starts_with(root.join(".git")))
}

/// Says which submodules were left out.
fn submodules(call: &Call<'_>) -> Result<Vec<Issue>, Issue> {
    let printed = call.run("ls-files", &["--stage".as_ref(), "-z".as_ref()], LOCAL_WALL)?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let linked = printed.split('\0').filter(|line| line.starts_with("160000 "));
    let names = linked.filter_map(|line| line.split_once('\t')).map(|(_, name)| {
        let message = format!("the submodule `{}` is not fetched", name.escape_debug());
        Issue::warning(code::SOURCE_SUBMODULE, message)
            .with_hint("if the build needs it, pack it where it is checked out, and install the package")
    });
    Ok(names.collect())
}
