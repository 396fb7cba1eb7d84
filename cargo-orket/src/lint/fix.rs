//! Applying the suggestions that need no look.
//!
//! Invariants: a file is written whole or not at all, and only while it is what was linted; edits that overlap are
//! not both applied; nothing outside of the packages is written.

use super::Outcome;
use super::finding::{Edit, Finding};
use super::packages::Packages;
use super::source::Sources;
use crate::error::Result;
use crate::file;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The texts of the files that may be changed; a suggestion about another needs a look.
pub(super) fn fixable(
    findings: &mut [Finding],
    mut sources: Sources,
    packages: &Packages,
) -> BTreeMap<PathBuf, String> {
    let mut texts = BTreeMap::new();
    for suggestion in findings.iter_mut().filter_map(|finding| finding.suggestion.as_mut()) {
        for file in suggestion.edits.iter().map(|edit| &edit.span.file) {
            if suggestion.is_machine_applicable && !texts.contains_key(file) {
                let source = sources.files.remove(file).filter(|_| packages.writes(file));
                suggestion.is_machine_applicable = source.is_some();
                texts.extend(source.map(|source| (file.clone(), source.text)));
            }
        }
    }
    texts
}

/// Applies what is machine-applicable and gives the files, with how many findings each had less.
///
/// # Errors
/// [`Error::File`](crate::error::Error::File); what was written before is whole.
pub(crate) fn fix(outcome: &Outcome) -> Result<BTreeMap<PathBuf, usize>> {
    let mut plans: BTreeMap<&Path, Vec<(usize, &Edit)>> = BTreeMap::new();
    for (number, finding) in outcome.findings.iter().enumerate() {
        let applicable = finding.suggestion.as_ref().filter(|suggestion| suggestion.is_machine_applicable);
        for edit in applicable.into_iter().flat_map(|suggestion| &suggestion.edits) {
            plans.entry(&edit.span.file).or_default().push((number, edit));
        }
    }
    let mut fixed = BTreeMap::new();
    for (path, mut edits) in plans {
        let Some(before) = outcome.texts.get(path) else { continue };
        let (after, numbers) = applied(before, &mut edits);
        file::replace(path, before, &after)?;
        fixed.insert(path.to_path_buf(), numbers.len());
    }
    Ok(fixed)
}

/// A text with the edits, and the numbers of the findings that are gone.
fn applied(text: &str, edits: &mut [(usize, &Edit)]) -> (String, Vec<usize>) {
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
    (after, numbers)
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
    use crate::lint::finding::{Layer, Span, Suggestion};

    fn edit(number: usize, start: usize, end: usize, replacement: &str) -> (usize, Edit) {
        let span = Span { byte_start: start, byte_end: end, ..Span::default() };
        (number, Edit { span, replacement: replacement.to_owned() })
    }

    #[track_caller]
    fn check(text: &str, edits: &[(usize, Edit)], expected: &str, gone: &[usize]) {
        let mut edits: Vec<_> = edits.iter().map(|(number, edit)| (*number, edit)).collect();
        assert_eq!(applied(text, &mut edits), (expected.to_owned(), gone.to_vec()));
    }

    #[test]
    fn edits_are_applied_from_the_beginning() {
        check("abcdef", &[edit(1, 4, 5, "Y"), edit(0, 1, 2, "XX")], "aXXcdYf", &[0, 1]);
        check("abcdef", &[edit(0, 1, 4, ""), edit(1, 2, 3, "Z")], "aef", &[0]);
        check("äb", &[edit(0, 1, 2, "x"), edit(1, 2, 3, "c")], "äc", &[1]);
        check("ab", &[edit(0, 1, 9, "x")], "ab", &[]);
    }

    fn outcome(path: &Path, texts: BTreeMap<PathBuf, String>) -> Outcome {
        let span = Span { file: path.to_path_buf(), byte_start: 0, byte_end: 1, ..Span::default() };
        let edits = vec![Edit { span, replacement: "X".to_owned() }];
        let suggestion = Suggestion { message: String::new(), edits, is_machine_applicable: true };
        let finding = Finding::error(Layer::Source, code::LINT_UNUSED, "");
        let findings = vec![Finding { suggestion: Some(suggestion), ..finding }];
        Outcome { findings, texts, ..Outcome::default() }
    }

    #[test]
    fn what_is_not_what_was_linted_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        std::fs::write(&path, "abc").unwrap();
        let with = |text: &str| fix(&outcome(&path, [(path.clone(), text.to_owned())].into()));
        with("abd").unwrap_err();
        assert_eq!(fix(&outcome(&path, BTreeMap::new())).unwrap(), BTreeMap::new());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "abc");
        assert_eq!(with("abc").unwrap(), [(path.clone(), 1)].into());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "Xbc");
    }
}
