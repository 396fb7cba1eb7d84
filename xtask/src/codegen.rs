//! What is written from the table of codes: the index of `docs/codes/` and the snapshot of the list.
//!
//! Invariant: a code that is in the snapshot is in the table. Codes are added, never removed or
//! renamed, because people and programs remember them.

use crate::error::{Error, Finding, Result, report};
use crate::workspace::Workspace;
use orket_contract::code::{ALL, Severity};
use std::path::Path;

/// The index of the pages.
pub(crate) const INDEX: &str = "docs/codes/README.md";
/// The list of all codes that were ever there.
pub(crate) const SNAPSHOT: &str = "docs/codes/codes.txt";

const INDEX_HEAD: &str = "<!-- Written by `cargo xtask codegen` from orket-runtime/contract/src/code.rs. -->

# Codes

Every refusal and every report of Orket has a code. It is stable: never renamed, never used again for another
meaning. `cargo orket explain CODE` prints the page of a code.

Authors choose codes of their own for their validators and errors, in the same form `noun.what`.
";

/// Writes the generated files, or says which of them differ.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let removed = removed(&workspace.text(Path::new(SNAPSHOT)).unwrap_or_default());
    if check || !removed.is_empty() {
        return report("codegen", [removed, differing(workspace)?].concat());
    }
    for (path, text) in generated() {
        let path = workspace.root.join(path);
        std::fs::write(&path, text).map_err(Error::file("write", &path))?;
    }
    Ok(())
}

fn differing(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (path, text) in generated() {
        if workspace.text(Path::new(path)).unwrap_or_default() != text {
            findings
                .push(Finding::new(path, "is not what the table of codes gives; run `cargo xtask codegen`"));
        }
    }
    Ok(findings)
}

/// Codes of the snapshot that the table has no more.
pub(crate) fn removed(snapshot: &str) -> Vec<Finding> {
    let gone = snapshot.lines().filter(|name| !name.is_empty() && ALL.iter().all(|code| code.name != *name));
    gone.map(|name| Finding::new(SNAPSHOT, format!("`{name}` was removed or renamed; codes stay"))).collect()
}

/// Each generated file and its text.
pub(crate) fn generated() -> [(&'static str, String); 2] {
    [(INDEX, index()), (SNAPSHOT, ALL.iter().map(|code| format!("{}\n", code.name)).collect())]
}

fn index() -> String {
    let mut text = INDEX_HEAD.to_owned();
    let mut noun = "";
    for code in ALL {
        let (this, _) = code.name.split_once('.').unwrap_or((code.name, ""));
        if this != noun {
            noun = this;
            text.push_str(&format!("\n## {noun}\n\n"));
        }
        let note = match code.severity {
            Severity::Error => "",
            Severity::Warning => " (warning)",
            Severity::Info => " (note)",
        };
        text.push_str(&format!("- [`{0}`]({0}.md){note}: {1}\n", code.name, code.summary));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_links_every_code_once() {
        let index = index();
        for code in ALL {
            assert_eq!(index.matches(&format!("({}.md)", code.name)).count(), 1, "{}", code.name);
        }
    }

    #[test]
    fn a_code_that_is_gone_is_found() {
        let [_, (_, snapshot)] = generated();
        assert_eq!(removed(&snapshot), []);
        assert_eq!(removed("capability.denied\ncapability.forbidden\n").len(), 1);
    }
}
