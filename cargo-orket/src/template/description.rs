//! `template.toml`: what a template says of itself. Read strictly, because a misspelt key would be a value that
//! nobody is asked for.

use super::value::Declared;
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file; it is not part of what is rendered.
pub(super) const FILE: &str = "template.toml";

/// Names that every template has anyway.
pub(super) const BUILT_IN: &[&str] = &[
    "crate_name",
    "edition",
    "from",
    "name",
    "own_workspace",
    "repository",
    "sdk",
    "sdk_testing",
    "services",
    "workload",
];

/// What it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Description {
    /// What the template is for, in a line.
    pub(crate) summary: String,
    /// The values that it asks for, by name.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, Declared>,
    /// What a first run is provided with, by the variables that name it; a template of ours only has some.
    #[serde(default)]
    pub(super) services: BTreeMap<String, String>,
}

impl Description {
    /// Reads the file.
    ///
    /// # Errors
    /// `template.invalid`, each fault by itself.
    pub(super) fn parse(text: &str) -> Result<Self, Vec<Issue>> {
        let read: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![invalid(error.message()).at(place(text, at))]
        })?;
        let mut issues = Vec::new();
        if read.summary.trim().is_empty() || read.summary.chars().any(char::is_control) {
            issues.push(invalid("`summary` says in a line what the template is for"));
        }
        for (name, declared) in &read.values {
            let fault = name_fault(name).map(str::to_owned).or_else(|| declared.fault());
            issues.extend(fault.map(|why| invalid(&format!("the value `{}`: {why}", name.escape_debug()))));
        }
        if issues.is_empty() { Ok(read) } else { Err(issues) }
    }
}

fn name_fault(name: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(is_plain) || name.len() > 64 {
        return Some("a name is of small letters, digits and `_`");
    }
    let is_word =
        ["and", "else", "endif", "false", "if", "in", "is", "none", "not", "or", "true"].contains(&name);
    (is_word || BUILT_IN.contains(&name)).then_some("the name has another meaning")
}

fn invalid(why: &str) -> Issue {
    let place = Location { file: FILE.to_owned(), ..Location::default() };
    Issue::error(code::TEMPLATE_INVALID, why.lines().next().unwrap_or_default()).at(place)
}

/// The place of a byte in the file.
fn place(text: &str, at: usize) -> Location {
    let before = text.get(..at).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |number: usize| u32::try_from(number).unwrap_or(0);
    let line = before.matches('\n').count() + 1;
    Location { file: FILE.to_owned(), line: number(line), column: number(column) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_or_not_sound_has_a_place() {
        let read = Description::parse("summary = 'x'\n[values.title]\nabout = 'its title'\n").expect("one");
        assert_eq!(read.values.len(), 1);
        for (text, line, says) in [
            ("summary = 'x'\nhooks = []\n", 2, "hooks"),
            ("", 1, "summary"),
            ("summary = 'x'\n[values.title]\n", 2, "about"),
            ("summary = ''\n", 0, "`summary`"),
            ("summary = 'x'\n[values.Title]\nabout = 'y'\n", 0, "small letters"),
            ("summary = 'x'\n[values.name]\nabout = 'y'\n", 0, "another meaning"),
            ("summary = 'x'\n[values.a]\nabout = 'y'\ntype = 'choice'\n", 0, "`choices`"),
            ("summary = \n", 1, ""),
        ] {
            let issues = Description::parse(text).expect_err("refused");
            assert_eq!(issues[0].code, code::TEMPLATE_INVALID);
            assert!(issues[0].message.contains(says), "{text}: {issues:?}");
            assert_eq!(issues[0].location.as_ref().expect("a place").line, line, "{text}");
        }
    }
}
