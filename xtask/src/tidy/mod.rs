//! What no compiler sees: each check is a function from the repository to its findings.

mod codes;
mod manifests;
mod paths;
mod surface;
mod words;

use crate::error::{Finding, Result, report};
use crate::workspace::Workspace;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// All that lies at the top: what is here is the first thing that a reader sees.
const TOP: [&str; 20] = [
    ".cargo",
    ".ci",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "cargo-orket",
    "docs",
    "examples",
    "orket-macros",
    "orket-runtime",
    "rustfmt.toml",
    "templates",
    "tests",
    "xtask",
];

/// Runs every check.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let files = workspace.files()?;
    let mut findings = top(&files);
    findings.extend(paths::findings(workspace, &files)?);
    findings.extend(codes::findings(workspace, &files)?);
    findings.extend(words::findings(workspace, &files)?);
    findings.extend(manifests::findings(workspace, &files)?);
    findings.extend(surface::findings(workspace, &files)?);
    report("tidy", findings)
}

fn top(files: &BTreeSet<PathBuf>) -> Vec<Finding> {
    let names: BTreeSet<_> = files.iter().filter_map(|path| path.iter().next()?.to_str()).collect();
    let strangers = names.iter().filter(|name| !TOP.contains(name));
    strangers
        .map(|name| Finding::new(*name, "is not part of the top level; see xtask/src/tidy/mod.rs"))
        .collect()
}

/// Whether a path ends with that extension.
fn ends_in(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_at_the_top_are_found() {
        let files = ["README.md", "docs/protocol.md", "notes.txt", "scratch/a"].map(PathBuf::from).into();
        let places: Vec<_> = top(&files).into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["notes.txt", "scratch"]);
        assert!(TOP.is_sorted());
    }
}
