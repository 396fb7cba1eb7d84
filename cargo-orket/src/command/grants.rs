//! Grants and their use: what is declared and never used, what is used and not declared, and the
//! lines to change.

use crate::report::Report;
use orket_contract::issue::{Issue, Location};
use orket_contract::manifest::{Manifest, Workload};
use orket_contract::{capability, code};
use orket_engine::loader::Resolved;
use orket_engine::{Authorized, Denial};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The most source files that are searched for an attribute.
const FILES_MAX: usize = 1_000;
/// The largest source file that is searched, in bytes (1 MiB).
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What the runs of each workload, given as `extension/workload`, used and were refused.
#[derive(Debug, Default)]
pub(super) struct Grants(BTreeMap<String, Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// What was used, if a run came to its end.
    used: Option<BTreeSet<String>>,
    undeclared: BTreeSet<String>,
}

impl Seen {
    /// Whether a capability was used, as far as that is known.
    fn may_use(&self, name: &str) -> bool {
        self.used.as_ref().is_none_or(|used| used.contains(name))
    }
}

impl Grants {
    /// Takes what one run used.
    pub(super) fn see(&mut self, workload: &str, run: &Authorized) {
        let seen = self.0.entry(workload.to_owned()).or_default();
        seen.used.get_or_insert_default().extend(run.sets.used.iter().cloned());
        // One that is declared was asked for something that is not.
        let undeclared = run
            .refused
            .iter()
            .filter(|(name, denial)| *denial == Denial::Undeclared && !run.sets.declared.contains(name));
        seen.undeclared.extend(undeclared.map(|(name, _)| name.clone()));
    }

    /// Takes why a run came to nothing: a handle that was asked for without being declared never makes a call.
    pub(super) fn see_refused(&mut self, workload: &str, issues: &[Issue]) {
        let undeclared = issues.iter().filter(|issue| issue.code == code::CAPABILITY_UNDECLARED);
        let named = undeclared.filter_map(|issue| issue.message.split('`').nth(1));
        let known: Vec<_> =
            named.filter(|name| capability::find(name).is_some()).map(str::to_owned).collect();
        if !known.is_empty() {
            self.0.entry(workload.to_owned()).or_default().undeclared.extend(known);
        }
    }

    /// Reports an extension, as far as its workloads were run.
    pub(super) fn tell(&self, extension: &Resolved, report: &Report) {
        let (manifest, root) = (extension.manifest(), extension.root());
        self.issues(manifest, &|id, workload| find(root, id, workload))
            .iter()
            .for_each(|issue| report.issue(issue));
    }

    fn issues(&self, manifest: &Manifest, place: &dyn Fn(&str, bool) -> Option<Location>) -> Vec<Issue> {
        let seen = |workload: &Workload| self.0.get(&format!("{}/{}", manifest.id, workload.id));
        let mut issues = Vec::new();
        for workload in &manifest.workloads {
            let Some(seen) = seen(workload) else { continue };
            let names = || workload.capabilities.iter().map(ToString::to_string);
            let unused: Vec<String> = names().filter(|name| !seen.may_use(name)).collect();
            let kept: BTreeSet<String> =
                names().filter(|name| seen.may_use(name)).chain(seen.undeclared.iter().cloned()).collect();
            let at = place(workload.id.as_str(), true);
            issues.extend(
                unused
                    .iter()
                    .map(|name| unused_by(name, &workload.id.to_string(), &kept, "workload", at.clone())),
            );
            issues.extend(seen.undeclared.iter().map(|name| {
                let message = format!("`{}` calls `{name}` without declaring it", workload.id);
                placed(Issue::warning(code::CAPABILITY_UNDECLARED, message), &kept, "workload", at.clone())
            }));
        }
        // What the extension declares for all counts as unused once all of them were run.
        let all: Option<Vec<&Seen>> = manifest.workloads.iter().map(seen).collect();
        if let Some(all) = all {
            let is_used = |name: &String| all.iter().any(|seen| seen.may_use(name));
            let names = || manifest.capabilities.iter().map(ToString::to_string);
            let kept: BTreeSet<String> = names().filter(is_used).collect();
            let (id, at) = (manifest.id.to_string(), place(manifest.id.as_str(), false));
            issues.extend(
                names()
                    .filter(|name| !is_used(name))
                    .map(|name| unused_by(&name, &id, &kept, "extension", at.clone())),
            );
        }
        issues
    }
}

fn unused_by(
    name: &str,
    whom: &str,
    kept: &BTreeSet<String>,
    attribute: &str,
    at: Option<Location>,
) -> Issue {
    let message = format!("`{whom}` declares `{name}`, and no run used it");
    placed(Issue::warning(code::CAPABILITY_UNUSED, message), kept, attribute, at)
}

/// The issue at the attribute to change, with its new list.
fn placed(issue: Issue, kept: &BTreeSet<String>, attribute: &str, at: Option<Location>) -> Issue {
    let list: Vec<String> = kept.iter().map(|name| format!("{name:?}")).collect();
    let list = format!("`capabilities = [{}]`", list.join(", "));
    match at {
        Some(at) => {
            let hint = format!("write {list} at {at}");
            issue.at(at).with_hint(hint)
        }
        None => issue.with_hint(format!("write {list} in `#[{attribute}(..)]`")),
    }
}

/// The place of the list in the attribute of an extension or workload, or of the attribute.
fn find(root: &Path, id: &str, is_workload: bool) -> Option<Location> {
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    files.sort();
    files.iter().find_map(|path| {
        let is_small = path.metadata().is_ok_and(|facts| facts.len() <= FILE_BYTES_MAX);
        let text = if is_small { std::fs::read_to_string(path).ok()? } else { return None };
        let line = line_of(&text, id, is_workload)?;
        let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
        Some(Location { file: shown, line, column: 0 })
    })
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => sources(&path, files),
            Ok(kind)
                if kind.is_file()
                    && files.len() < FILES_MAX
                    && path.extension().is_some_and(|e| e == "rs") =>
            {
                files.push(path);
            }
            _ => {}
        }
    }
}

/// The line, from 1, of the list of capabilities in an attribute, or else of the attribute itself.
fn line_of(text: &str, id: &str, is_workload: bool) -> Option<u32> {
    let name = if is_workload { "workload" } else { "extension" };
    let quoted = format!("\"{id}\"");
    let function = format!("fn {id}");
    let mut from = 0;
    while let Some(at) = text[from..].find("#[").map(|at| from + at) {
        from = at + 2;
        let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let attribute = attribute(&text[at + 1..]);
        let head = attribute.split('(').next().unwrap_or_default().trim_matches(['[', ']', ' ']);
        if text[line..at].trim_start().starts_with("//") || head.rsplit("::").next() != Some(name) {
            continue;
        }
        // Without an id of its own, a workload has that of its function.
        let after = &text[at + 1 + attribute.len()..];
        let item = &after[..after.find('{').unwrap_or(after.len())];
        let is_meant = attribute.contains(&quoted)
            || (is_workload && !attribute.contains("id =") && item.contains(&function));
        if is_meant {
            let inner = attribute.find("capabilities").unwrap_or_default();
            let before = text[..at + 1 + inner].matches('\n').count();
            return u32::try_from(before + 1).ok();
        }
    }
    None
}

/// An attribute, from its bracket to the one that closes it.
fn attribute(text: &str) -> &str {
    let (mut depth, mut is_text, mut is_escaped) = (0usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '[' if !is_text => depth += 1,
            ']' if !is_text => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return &text[..=at];
                }
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"//! #[extension(id = "a.b")]
#[orket_runtime::extension(
    id = "a.b",
    capabilities = ["kv", "rng"],
)]
pub mod a {
    #[workload(id = "named_v1")]
    pub fn other() {}

    #[workload(capabilities = ["clock"])]
    pub fn plain_v1(ctx: &mut WorkloadContext) {}
}
"#;

    #[test]
    fn the_line_of_an_attribute_is_found() {
        assert_eq!(line_of(SOURCE, "a.b", false), Some(4));
        assert_eq!(line_of(SOURCE, "named_v1", true), Some(7));
        assert_eq!(line_of(SOURCE, "plain_v1", true), Some(10));
        assert_eq!(line_of(SOURCE, "absent_v1", true), None);
        assert_eq!(line_of("#[workload(", "absent_v1", true), None);
    }
}
