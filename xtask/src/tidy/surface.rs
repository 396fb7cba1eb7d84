//! What the tool offers is written down: each command in the README, each message and each file in a schema.

use crate::error::{Finding, Result};
use crate::workspace::Workspace;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const COMMANDS: &str = "cargo-orket/src/args/command.rs";
const MESSAGES: &str = "cargo-orket/src/report/message.rs";
const README: &str = "README.md";
const SCHEMAS: &str = "docs/schema";

/// The findings in the README and the schemas.
pub(super) fn findings(workspace: &Workspace, files: &BTreeSet<PathBuf>) -> Result<Vec<Finding>> {
    let text = |path: &str| workspace.text(Path::new(path));
    let mut findings = unlisted(&commands(&text(COMMANDS)?), &text(README)?);
    findings.extend(unknown(&reasons(&text(MESSAGES)?), &text("docs/schema/message.json")?));
    findings.extend(unnamed(files, &text("docs/schema/README.md")?));
    Ok(findings)
}

/// The visible commands, as they are typed, out of the definition of the command line.
fn commands(source: &str) -> Vec<String> {
    let body = source.split("pub(crate) enum Command {").nth(1).unwrap_or_default();
    let body = body.split("\n}").next().unwrap_or_default();
    let mut commands = Vec::new();
    let mut is_hidden = false;
    for line in body.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_hidden |= line.contains("hide = true");
        } else if line.starts_with(|c: char| c.is_ascii_uppercase()) {
            let name = line.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            if !is_hidden {
                commands.push(typed(name));
            }
            is_hidden = false;
        }
    }
    commands
}

/// `RunAgain` as `run-again`.
fn typed(variant: &str) -> String {
    let mut typed = String::new();
    for c in variant.chars() {
        if c.is_ascii_uppercase() && !typed.is_empty() {
            typed.push('-');
        }
        typed.push(c.to_ascii_lowercase());
    }
    typed
}

fn unlisted(commands: &[String], readme: &str) -> Vec<Finding> {
    let cells = || {
        readme
            .lines()
            .filter(|line| line.starts_with("| `cargo orket "))
            .filter_map(|line| line.split('|').nth(1))
    };
    let named = |cell: &str, command: &str| {
        cell.split('`')
            .filter_map(|part| part.strip_prefix("cargo orket "))
            .any(|rest| rest.split(' ').next() == Some(command))
    };
    let is_listed = |command: &str| cells().any(|cell| named(cell, command));
    let missing = commands.iter().filter(|command| !is_listed(command));
    missing
        .map(|command| {
            let message =
                format!("its table of commands lacks `cargo orket {command}`, which {COMMANDS} defines");
            Finding::new(README, message)
        })
        .collect()
}

/// The reasons of all messages.
fn reasons(source: &str) -> Vec<&str> {
    source.split("rename = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn unknown(reasons: &[&str], schema: &str) -> Vec<Finding> {
    let missing = reasons.iter().filter(|reason| !schema.contains(&format!("\"const\": \"{reason}\"")));
    missing
        .map(|reason| {
            let message = format!("lacks the message `{reason}`, which {MESSAGES} defines");
            Finding::new("docs/schema/message.json", message)
        })
        .collect()
}

fn unnamed(files: &BTreeSet<PathBuf>, page: &str) -> Vec<Finding> {
    let names =
        files.iter().filter_map(|path| path.strip_prefix(SCHEMAS).ok()?.to_str()?.strip_suffix(".json"));
    let missing = names.filter(|name| !page.contains(&format!("[`{name}`]({name}.json)")));
    missing.map(|name| Finding::new("docs/schema/README.md", format!("does not list `{name}`"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_the_readme_lacks_is_found() {
        let source = "pub(crate) enum Command {\n    /// Run\n    #[command(visible_alias = \"r\")]\n    Run(RunArgs),\n    \
                      #[command(hide = true)]\n    Secret,\n    RunAgain(X),\n    Config,\n}\nenum Other {\n    Y,\n}";
        let commands = commands(source);
        assert_eq!(commands, ["run", "run-again", "config"]);
        let readme = "| `cargo orket run X` | runs |\nnot in the table: cargo orket config";
        let found: Vec<_> = unlisted(&commands, readme).into_iter().map(|finding| finding.message).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            unlisted(
                &commands,
                "| `cargo orket run`, `cargo orket run-again`, `cargo orket config X` | all |"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_message_or_file_without_a_schema_is_found() {
        assert_eq!(reasons("#[serde(rename = \"orket-a\")]\nA,"), ["orket-a"]);
        assert!(unknown(&["orket-a"], "\"const\": \"orket-a\"").is_empty());
        assert_eq!(unknown(&["orket-a"], "orket-a").len(), 1);
        let files = ["docs/schema/plan.json", "docs/schema/README.md"].map(PathBuf::from).into();
        assert!(unnamed(&files, "| [`plan`](plan.json) |").is_empty());
        assert_eq!(unnamed(&files, "").len(), 1);
    }
}
