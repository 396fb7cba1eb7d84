//! Applying the suggestions that need no look.
//!
//! Invariants: a file is written whole or not at all, and only while it is what was linted; edits that overlap are
//! not both applied; nothing outside of the packages is written.

use super::finding::{Edit, Finding};
use crate::error::{Error, Result};
use crate::file;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Applies what is machine-applicable and gives the files, with how many findings each had less.
///
/// # Errors
/// [`Error::File`]; what was written before is whole.
pub(crate) fn fix(findings: &[Finding]) -> Result<BTreeMap<PathBuf, usize>> {
    let mut plans: BTreeMap<&Path, Vec<(usize, &Edit)>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        let applicable = finding.suggestion.as_ref().filter(|suggestion| suggestion.is_machine_applicable);
        for edit in applicable.into_iter().flat_map(|suggestion| &suggestion.edits) {
            plans.entry(&edit.span.file).or_default().push((number, edit));
        }
    }
    let mut fixed = BTreeMap::new();
    for (path, mut edits) in plans {
        let text = std::fs::read_to_string(path).map_err(Error::file("read", path))?;
        fixed.insert(path.to_path_buf(), applied(path, &text, &mut edits)?.len());
    }
    Ok(fixed)
}

/// Writes one file and gives the numbers of the findings that are gone.
fn applied(path: &Path, text: &str, edits: &mut [(usize, &Edit)]) -> Result<Vec<usize>> {
    edits.sort_by_key(|(_, edit)| (edit.span.byte_start, edit.span.byte_end));
    let (mut after, mut at, mut numbers) = (String::with_capacity(text.len()), 0, Vec::new());
    for (number, edit) in edits.iter() {
        let (start, end) = (edit.span.byte_start, edit.span.byte_end);
        // One that overlaps waits for the next time; one that does not fit is about another text.
        let Some(before) = (start >= at).then(|| text.get(at..start)).flatten() else { continue };
        if text.get(start..end).is_none() {
            continue;
        }
        after.push_str(before);
        after.push_str(&edit.replacement);
        at = end;
        numbers.push(*number);
    }
    after.push_str(&text[at..]);
    file::write(path, after.as_bytes())?;
    Ok(numbers)
}

/// Why files must not be changed: what is there could not be had back.
///
/// # Errors
/// The issue `git.dirty` or `git.no-repository`, when nothing allows to go on.
pub(crate) fn permitted(root: &Path, allows_dirty: bool, allows_no_vcs: bool) -> Result<(), Issue> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(["-c", "core.fsmonitor=false", "status", "--porcelain", "--", "."]);
    command.stdin(Stdio::null()).env("GIT_OPTIONAL_LOCKS", "0").stderr(Stdio::null());
    let answer = command.output().ok().filter(|answer| answer.status.success());
    match answer {
        None if allows_no_vcs => Ok(()),
        None => Err(Issue::error(code::GIT_NO_REPOSITORY, "no git repository has what would be changed")
            .with_hint("`--allow-no-vcs` fixes all the same")),
        Some(answer) if answer.stdout.is_empty() || allows_dirty => Ok(()),
        Some(answer) => {
            let changed = String::from_utf8_lossy(&answer.stdout)
                .lines()
                .take(5)
                .map(str::trim)
                .collect::<Vec<_>>()
                .join(", ");
            let message = format!("there are changes that are not committed: {changed}");
            Err(Issue::error(code::GIT_DIRTY, message)
                .with_hint("commit them, or `--allow-dirty` fixes all the same"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::finding::Span;

    fn edit(number: usize, start: usize, end: usize, replacement: &str) -> (usize, Edit) {
        let span = Span { byte_start: start, byte_end: end, ..Span::default() };
        (number, Edit { span, replacement: replacement.to_owned() })
    }

    #[track_caller]
    fn check(text: &str, edits: &[(usize, Edit)], expected: &str, gone: &[usize]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        let mut edits: Vec<_> = edits.iter().map(|(number, edit)| (*number, edit)).collect();
        assert_eq!(applied(&path, text, &mut edits).unwrap(), gone);
        assert_eq!(std::fs::read_to_string(path).unwrap(), expected);
    }

    #[test]
    fn edits_are_applied_from_the_beginning() {
        check("abcdef", &[edit(1, 4, 5, "Y"), edit(0, 1, 2, "XX")], "aXXcdYf", &[0, 1]);
        check("abcdef", &[edit(0, 1, 4, ""), edit(1, 2, 3, "Z")], "aef", &[0]);
        check("äb", &[edit(0, 1, 2, "x"), edit(1, 2, 3, "c")], "äc", &[1]);
        check("ab", &[edit(0, 1, 9, "x")], "ab", &[]);
    }
}
