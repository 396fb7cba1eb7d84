//! The extensions here: whether they can be recorded, and whether what must be committed is.

use super::Line;
use crate::args::Selection;
use crate::project::{self, Extension};
use crate::report::Report;
use std::path::Path;
use std::process::{Command, Stdio};

const GROUP: &str = "project";

pub(super) fn lines(selection: &Selection, report: &Report) -> Vec<Line> {
    match project::discover(selection, report) {
        Ok(project) => project.extensions.iter().flat_map(of).collect(),
        Err(error) => {
            let found: Vec<String> = error.issues().into_iter().map(|issue| issue.message).collect();
            vec![Line::note(GROUP, "extension", found.join("; ")).fixed_by("cargo orket new NAME")]
        }
    }
}

fn of(extension: &Extension) -> Vec<Line> {
    let is_in_git = git(&extension.root, &["rev-parse", "--is-inside-work-tree"]);
    let lines = match is_in_git {
        true => vec![store(extension), ignored(extension), locked(extension)],
        false => vec![store(extension), Line::note(GROUP, "git", "no git repository").fixed_by("git init")],
    };
    let named = |line: Line| Line { found: format!("{}: {}", extension.name, line.found), ..line };
    lines.into_iter().map(named).collect()
}

/// Whether a file can be made where runs are recorded.
fn store(extension: &Extension) -> Line {
    let folder = extension.root.join(".orket");
    let nearest = if folder.exists() { folder.as_path() } else { extension.root.as_path() };
    match tempfile::NamedTempFile::new_in(nearest) {
        Ok(_) => Line::ok(GROUP, "store", "runs can be recorded in .orket/"),
        Err(error) => {
            let shown = nearest.display();
            let fix = format!("make {shown} a folder that you may write to");
            Line::problem(GROUP, "store", format!("nothing can be recorded in {shown}: {error}"), &fix)
        }
    }
}

fn ignored(extension: &Extension) -> Line {
    if git(&extension.root, &["check-ignore", "--quiet", ".orket/runs"]) {
        return Line::ok(GROUP, "ignored", "git ignores .orket/");
    }
    let file = extension.root.join(".gitignore");
    Line::note(GROUP, "ignored", "git does not ignore .orket/, where runs are recorded")
        .fixed_by(format!("echo /.orket/ >> {}", file.display()))
}

fn locked(extension: &Extension) -> Line {
    let lock = extension.workspace_root.join("Cargo.lock");
    if git(&extension.workspace_root, &["ls-files", "--error-unmatch", "--", "Cargo.lock"]) {
        return Line::ok(GROUP, "lock", "Cargo.lock is in git");
    }
    let fix = if lock.is_file() {
        format!("git add {}", lock.display())
    } else {
        "cargo generate-lockfile".to_owned()
    };
    Line::note(GROUP, "lock", "Cargo.lock is not in git; another build may choose other versions")
        .fixed_by(fix)
}

/// Whether git says yes.
fn git(folder: &Path, words: &[&str]) -> bool {
    let quiet = || Stdio::null();
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(words).stdin(quiet()).stdout(quiet()).stderr(quiet());
    command.status().is_ok_and(|status| status.success())
}
