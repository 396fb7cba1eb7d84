//! Every code has a page of a known shape and a test; every page has a code.

use super::ends_in;
use crate::codegen;
use crate::error::{Finding, Result};
use crate::process;
use crate::workspace::Workspace;
use orket_contract::code::{ALL, Code};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const TABLE: &str = "orket-runtime/contract/src/code.rs";
const PAGES: &str = "docs/codes";

/// Codes that were in the table once, before the first release, and may not come back with another meaning.
const RETIRED: [&str; 1] = ["content.invalid"];

/// What stands on every page, in this order.
const SECTIONS: [&str; 3] = ["## Why", "## Failing example", "## Fixed example"];
/// A page is read in a terminal: it fits on a screen.
const LINES_MAX: usize = 45;

/// The findings for table, pages, snapshot and tests.
pub(super) fn findings(workspace: &Workspace, files: &BTreeSet<PathBuf>) -> Result<Vec<Finding>> {
    let mut findings = strangers(files);
    for code in ALL {
        let path = page(code.name);
        if files.contains(&path) {
            findings.extend(shape(code, &path.display().to_string(), &workspace.text(&path)?));
        } else {
            findings.push(Finding::new(TABLE, format!("`{}` has no page {}", code.name, path.display())));
        }
    }
    for (path, text) in codegen::generated() {
        if workspace.text(Path::new(path)).unwrap_or_default() != text {
            findings
                .push(Finding::new(path, "is not what the table of codes gives; run `cargo xtask codegen`"));
        }
    }
    findings.extend(codegen::removed(&workspace.text(Path::new(codegen::SNAPSHOT)).unwrap_or_default()));
    findings.extend(reused(&struck(&history(workspace)?)));
    findings.extend(untested(&tests(workspace, files)?));
    Ok(findings)
}

/// What was struck and is not known to be retired, and what is retired and came back.
fn reused(struck: &str) -> Vec<Finding> {
    let is_retired =
        |finding: &Finding| RETIRED.iter().any(|name| finding.message.starts_with(&format!("`{name}`")));
    let mut findings = codegen::removed(struck);
    findings.retain(|finding| !is_retired(finding));
    let back = ALL.iter().filter(|code| RETIRED.contains(&code.name));
    findings.extend(
        back.map(|code| Finding::new(TABLE, format!("`{}` is retired; take another name", code.name))),
    );
    findings
}

/// Every change of the snapshot, as far as the clone knows: whoever strikes a code from table and snapshot alike shows here.
fn history(workspace: &Workspace) -> Result<String> {
    process::stdout(log().current_dir(&workspace.root))
}

/// The same words whatever somebody likes to see in a terminal.
fn log() -> Command {
    let mut git = Command::new("git");
    git.args(["log", "--format=", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv"]);
    git.args(["--", codegen::SNAPSHOT]);
    git
}

/// The lines that changes took away.
fn struck(changes: &str) -> String {
    let lines = changes.lines().filter_map(|line| line.strip_prefix('-'));
    let is_code = |line: &&str| {
        line.contains('.') && line.bytes().all(|byte| byte.is_ascii_lowercase() || b".-".contains(&byte))
    };
    lines.filter(is_code).filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect()
}

fn page(name: &str) -> PathBuf {
    Path::new(PAGES).join(format!("{name}.md"))
}

/// Pages that no code has.
fn strangers(files: &BTreeSet<PathBuf>) -> Vec<Finding> {
    let known: BTreeSet<PathBuf> = ALL
        .iter()
        .map(|code| page(code.name))
        .chain([codegen::INDEX.into(), codegen::SNAPSHOT.into()])
        .collect();
    let pages = files.iter().filter(|path| path.starts_with(PAGES) && !known.contains(*path));
    pages
        .map(|path| Finding::new(path.display().to_string(), format!("belongs to no code of {TABLE}")))
        .collect()
}

fn shape(code: &Code, place: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |message: String| findings.push(Finding::new(place, message));
    if text.lines().next() != Some(format!("# {}", code.name).as_str()) {
        find(format!("its first line is not `# {}`", code.name));
    }
    let places: Vec<_> =
        SECTIONS.iter().filter_map(|wanted| text.lines().position(|line| line == *wanted)).collect();
    if places.len() < SECTIONS.len() || !places.is_sorted() {
        find(format!("its sections are not {}", SECTIONS.join(", ")));
    }
    if text.lines().count() > LINES_MAX {
        find(format!("has more than {LINES_MAX} lines"));
    }
    findings
}

/// The text of everything that is a test or belongs to one.
fn tests(workspace: &Workspace, files: &BTreeSet<PathBuf>) -> Result<String> {
    let mut all = String::new();
    for path in files.iter().filter(|path| !path.starts_with("xtask")) {
        let in_tests = path.iter().any(|part| part == "tests" || part == "tests.rs");
        let text = match (in_tests, ends_in(path, "rs")) {
            (true, _) => workspace.text(path)?,
            (false, true) => inline_tests(&workspace.text(path)?).to_owned(),
            (false, false) => continue,
        };
        all.push_str(&text);
        all.push('\n');
    }
    Ok(all)
}

/// What follows the first `#[cfg(test)]`: a file closes with its tests.
fn inline_tests(text: &str) -> &str {
    ["#[cfg(test)]", "#[cfg(all(test"]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min()
        .map_or("", |at| &text[at..])
}

fn untested(tests: &str) -> Vec<Finding> {
    let words: BTreeSet<&str> = tests
        .split(|c: char| !(c.is_ascii_alphanumeric() || ".-_".contains(c)))
        .map(|word| word.trim_matches('.'))
        .collect();
    let constant = |name: &str| name.replace(['.', '-'], "_").to_ascii_uppercase();
    let lacking =
        ALL.iter().filter(|code| !words.contains(code.name) && !words.contains(constant(code.name).as_str()));
    lacking.map(|code| Finding::new(TABLE, format!("no test names `{}`", code.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# note.missing\n\nNone.\n\n## Why\n\n## Failing example\n\n## Fixed example\n";

    #[test]
    fn a_page_has_its_title_and_sections() {
        let code = orket_contract::code::find("note.missing").unwrap();
        assert_eq!(shape(code, "p", PAGE), []);
        assert_eq!(shape(code, "p", &PAGE.replace("note.missing", "note.mising")).len(), 1);
        assert_eq!(shape(code, "p", &PAGE.replace("## Why", "## Reason")).len(), 1);
        assert_eq!(shape(code, "p", &PAGE.replace('\n', "\n\n\n\n\n\n")).len(), 1);
    }

    #[test]
    fn a_test_names_a_code_or_its_constant_as_a_whole_word() {
        let all: String = ALL.iter().map(|code| format!("error[{}]: x\n", code.name)).collect();
        assert_eq!(untested(&all), []);
        assert_eq!(untested(&all.replace("[note.missing]", " code::NOTE_MISSING,")), []);
        assert_eq!(untested(&all.replace("[note.missing]", "note.missing-x")).len(), 1);
    }

    #[test]
    fn a_code_that_was_struck_long_ago_is_found() {
        let changes = "--- a/docs/codes/codes.txt\n+++ b/docs/codes/codes.txt\n@@ -1 +1 @@\n-note.missing\n-note.gone\n-content.invalid\n+note.new\n";
        let found: Vec<_> = reused(&struck(changes)).into_iter().map(|finding| finding.message).collect();
        assert_eq!(found, ["`note.gone` was removed or renamed; codes stay"]);
    }

    #[test]
    fn the_history_is_read_whatever_the_settings_of_git() {
        let dir = tempfile::tempdir().unwrap();
        // Nothing of whoever runs the tests, above all no repository.
        let alone = |git: &mut Command| {
            git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
            git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
            process::stdout(git.current_dir(dir.path())).unwrap()
        };
        let git = |words: &[&str]| {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
            alone(Command::new("git").args(identity).args(words))
        };
        git(&["init", "--quiet"]);
        git(&["config", "color.ui", "always"]);
        git(&["config", "diff.external", "true"]);
        let snapshot = dir.path().join(codegen::SNAPSHOT);
        std::fs::create_dir_all(snapshot.parent().unwrap()).unwrap();
        for text in ["note.gone\nnote.missing\n", "note.missing\n"] {
            std::fs::write(&snapshot, text).unwrap();
            git(&["add", "."]);
            git(&["commit", "--quiet", "--message", "x"]);
        }
        assert_eq!(struck(&alone(&mut log())), "note.gone\n");
    }

    #[test]
    fn only_the_tests_of_a_source_count() {
        assert_eq!(inline_tests("fn a() {}\n#[cfg(test)]\nmod tests;"), "#[cfg(test)]\nmod tests;");
        assert_eq!(inline_tests("fn a() {}"), "");
    }
}
