//! Words that are never committed: stubs that pretend, tests that do not run, forgotten prints, conflicts of a merge.

use super::ends_in;
use crate::error::{Finding, Result};
use crate::workspace::Workspace;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Written in two parts, so that this file does not find itself.
const FORBIDDEN: [(&str, &str); 4] = [
    (concat!("to", "do!("), "finish it, or say in the docs that it is planned"),
    (concat!("unimpl", "emented!("), "finish it, or say in the docs that it is planned"),
    (concat!("#[ign", "ore"), "a test that does not run proves nothing: fix it or remove it"),
    (concat!("db", "g!("), "remove it"),
];

/// How the lines begin between which git leaves a conflict.
const CONFLICT: [&str; 2] = [concat!("<<<<", "<<< "), concat!(">>>>", ">>> ")];

/// The forbidden words in all Rust sources, and conflicts in these and in the docs.
pub(super) fn findings(workspace: &Workspace, files: &BTreeSet<PathBuf>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files {
        let is_source = ends_in(path, "rs") || path.to_string_lossy().ends_with(".rs.in");
        if is_source || ["md", "toml", "html", "py"].iter().any(|end| ends_in(path, end)) {
            let (place, text) = (path.display().to_string(), workspace.text(path)?);
            findings.extend(conflicts(&place, &text));
            findings.extend(if is_source { in_text(&place, &text) } else { Vec::new() });
        }
    }
    Ok(findings)
}

fn conflicts(place: &str, text: &str) -> Vec<Finding> {
    let marked =
        text.lines().enumerate().filter(|(_, line)| CONFLICT.iter().any(|mark| line.starts_with(mark)));
    let finding = |(at, _)| Finding::new(format!("{place}:{}", at + 1), "resolve the conflict".to_owned());
    marked.map(finding).collect()
}

fn in_text(place: &str, text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    let found = |(at, line): (usize, &str)| {
        let is_comment = line.trim_start().starts_with("//");
        let word = FORBIDDEN.iter().find(|(word, _)| !is_comment && line.contains(word))?;
        Some(Finding::new(format!("{place}:{}", at + 1), format!("`{}`: {}", word.0, word.1)))
    };
    lines.filter_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_with_its_line() {
        for (word, _) in FORBIDDEN {
            let found = in_text("a.rs", &format!("fn a() {{\n    {word}x)\n}}\n"));
            assert_eq!(found[0].place, "a.rs:2");
        }
        let conflict = conflicts("a.md", &format!("one\n{}HEAD\n", CONFLICT[0]));
        assert_eq!(conflict[0].place, "a.md:2");
        assert_eq!(in_text("a.rs", concat!("/// # unimpl", "emented!()\nassert!(done)")), []);
    }
}
