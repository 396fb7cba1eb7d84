//! From a declared pattern to the files that it names.

use super::open::{Fault, open};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_contract::material;
use std::fs;
use std::path::Path;

/// How many files one pattern may name.
const FILES_MAX: usize = 10_000;

/// The files that a pattern names, as paths below the root, sorted, and what stands against it.
pub(crate) fn find(root: &Path, pattern: &str) -> (Vec<String>, Vec<Issue>) {
    if let Err(fault) = material::check(pattern) {
        return (Vec::new(), vec![Issue::error(code::MATERIAL_PATH, format!("`{pattern}`: {fault}"))]);
    }
    let (named, mut issues) = match expand(root, pattern) {
        Ok(named) => (named, Vec::new()),
        Err(issue) => return (Vec::new(), vec![issue]),
    };
    let mut files = Vec::new();
    for path in named {
        match open(root, &path) {
            Ok(_) => files.push(path),
            // A star also stands for folders, and for folders without the file that follows.
            Err(Fault::Missing | Fault::Folder) if pattern.contains('*') => {}
            Err(fault) => issues.push(fault.issue(&path)),
        }
    }
    files.sort();
    if files.is_empty() && issues.is_empty() {
        let message = format!("no file matches the material `{pattern}` below {}", root.display());
        let hint = "a material names files; `*` stands for any characters within one folder";
        issues.push(Issue::error(code::MATERIAL_MISSING, message).with_hint(hint));
    }
    (files, issues)
}

/// The paths that a pattern may stand for.
fn expand(root: &Path, pattern: &str) -> Result<Vec<String>, Issue> {
    let mut named = vec![String::new()];
    for segment in pattern.split('/') {
        let mut next = Vec::new();
        for above in &named {
            next.extend(step(root, above, segment)?);
        }
        if next.len() > FILES_MAX {
            let message = format!("the material `{pattern}` names more than {FILES_MAX} files");
            return Err(Issue::error(code::MATERIAL_TOO_LARGE, message));
        }
        named = next;
    }
    Ok(named)
}

/// What one more segment of a pattern leads to. A folder outside of the root is not even listed.
fn step(root: &Path, above: &str, segment: &str) -> Result<Vec<String>, Issue> {
    let below = |name: &str| if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
    if !segment.contains('*') {
        return Ok(vec![below(segment)]);
    }
    let Ok(folder) = root.join(above).canonicalize() else { return Ok(Vec::new()) };
    if !folder.starts_with(root) {
        return Err(Fault::Escapes(folder).issue(above));
    }
    let names = fs::read_dir(folder).into_iter().flatten().flatten().take(FILES_MAX + 1);
    let visible = |name: &String| {
        material::matches(segment, name) && (!name.starts_with('.') || segment.starts_with('.'))
    };
    Ok(names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(visible)
        .map(|name| below(&name))
        .collect())
}
