//! Every path and package that the documentation names is there.

use super::{TOP, ends_in};
use crate::error::{Finding, Result};
use crate::workspace::Workspace;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// What may be named: paths of files and folders, and packages.
struct Known {
    paths: BTreeSet<PathBuf>,
    packages: BTreeSet<String>,
}

/// The findings in all Markdown files.
pub(super) fn findings(workspace: &Workspace, files: &BTreeSet<PathBuf>) -> Result<Vec<Finding>> {
    let folders = files.iter().flat_map(|path| path.ancestors().skip(1).map(Path::to_path_buf));
    let mut packages = workspace.packages()?;
    for manifest in workspace.examples()? {
        packages.extend(workspace.packages_of(&workspace.root.join(manifest))?);
    }
    let known = Known {
        paths: files.iter().cloned().chain(folders).collect(),
        packages: packages.iter().map(|package| package.name.to_string()).collect(),
    };
    let mut findings = Vec::new();
    for path in files.iter().filter(|path| ends_in(path, "md")) {
        findings.extend(known.in_text(path, &workspace.text(path)?));
    }
    Ok(findings)
}

impl Known {
    fn in_text(&self, file: &Path, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut fenced = false;
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            let place = format!("{}:{}", file.display(), at + 1);
            let links = links(line).filter(|link| !self.has_link(file, link));
            findings
                .extend(links.map(|link| Finding::new(&place, format!("the link `{link}` leads nowhere"))));
            let code = inline_code(line).filter(|code| !self.has_code(file, code));
            findings.extend(code.map(|code| Finding::new(&place, format!("`{code}` is not there"))));
        }
        findings
    }

    /// Whether a link leads out of the repository or to something in it.
    fn has_link(&self, file: &Path, link: &str) -> bool {
        let target = link.split('#').next().unwrap_or_default();
        if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
            return true;
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        normalised(&folder.join(target)).is_some_and(|path| self.paths.contains(&path))
    }

    /// Whether inline code is no path or package of ours, or one that is there.
    fn has_code(&self, file: &Path, code: &str) -> bool {
        let looks_like_package = code
            .strip_prefix("orket-")
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        if looks_like_package {
            return self.packages.contains(code);
        }
        let first = code.split('/').next().unwrap_or_default();
        if !code.contains('/') || code.contains(char::is_whitespace) || !TOP.contains(&first) {
            return true;
        }
        // A pattern is followed as far as it is a path.
        let certain: PathBuf =
            code.split('/').take_while(|part| !part.contains(['*', '<', '{', '…'])).collect();
        // An example's own README names paths of its package.
        let folder = file.parent().unwrap_or(Path::new(""));
        [normalised(&certain), normalised(&folder.join(certain))]
            .iter()
            .flatten()
            .any(|path| self.paths.contains(path))
    }
}

/// The path without `.` and `..`; none when it leaves the repository.
fn normalised(path: &Path) -> Option<PathBuf> {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::ParentDir if !parts.pop() => return None,
            _ => {}
        }
    }
    Some(parts)
}

/// The targets of `[text](target)`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0))
}

/// What stands between backticks.
fn inline_code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: usize) {
        let known = Known {
            paths: ["docs", "docs/protocol.md", "README.md", "orket-runtime/contract"]
                .map(PathBuf::from)
                .into(),
            packages: ["orket-runtime".to_owned()].into(),
        };
        let found = known.in_text(Path::new("docs/protocol.md"), text);
        assert_eq!(found.len(), expected, "{text}: {found:?}");
    }

    #[test]
    fn what_is_named_is_there() {
        check("see `orket-runtime/contract` and [here](protocol.md#frames), [up](../README.md)", 0);
        check("see `orket-runtime/contracts`", 1);
        check("[gone](gone.md) [out](../../out.md)", 2);
        check("`orket-runtime` and `orket-manager`", 1);
        check("`docs/<name>.md` and `docs/*.md`, `doks/<name>.md`", 0);
    }

    #[test]
    fn what_is_no_path_of_ours_is_left_alone() {
        check("`src/lib.rs`, `a/b`, `docs is a folder`, [web](https://example.org/x)", 0);
        check("```text\nsee `docs/nothing.md`\n```", 0);
    }
}
