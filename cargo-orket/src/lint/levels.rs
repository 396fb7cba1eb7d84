//! What a package says of codes, in `[package.metadata.orket.lints]`: `"ambient.time" = "deny"`.
//!
//! A key is a code or the noun before its dot; the code wins. Invariant: what cannot be suppressed keeps its level.

use super::finding::{Finding, Layer, Span};
use super::suppress::FIRM;
use cargo_metadata::Package;
use orket_contract::issue::Severity;
use orket_contract::{code, suggest};
use serde_json::Value;
use std::collections::BTreeMap;

/// The codes that have a level.
pub(super) const CODES: &[&str] = &[
    code::AMBIENT_ENTROPY,
    code::AMBIENT_ENVIRONMENT,
    code::AMBIENT_FILE_READ,
    code::AMBIENT_FILE_WRITE,
    code::AMBIENT_HASH_ORDER,
    code::AMBIENT_PROCESS,
    code::AMBIENT_SOCKET,
    code::AMBIENT_THREAD,
    code::AMBIENT_TIME,
    code::BUILD_SCRIPT,
    code::INCLUDE_COMPUTED,
    code::INCLUDE_SOURCE,
    code::LINT_REASON,
    code::LINT_UNREAD,
    code::LINT_UNUSED,
    code::NATIVE_ASSEMBLY,
    code::NATIVE_EXPORT,
    code::NATIVE_EXTERN,
    code::NATIVE_IMPORT,
    code::NATIVE_LIBRARY,
];

/// The levels of one package.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Levels(BTreeMap<String, Level>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Allow,
    Note,
    Warn,
    Deny,
}

const LEVELS: [(&str, Level); 4] =
    [("allow", Level::Allow), ("note", Level::Note), ("warn", Level::Warn), ("deny", Level::Deny)];

impl Levels {
    /// Those of a package, and what is wrong with them.
    pub(super) fn of(package: &Package) -> (Self, Vec<Finding>) {
        let table = package.metadata.pointer("/orket/lints").cloned().unwrap_or(Value::Null);
        let (mut levels, mut wrong) = (Self::default(), Vec::new());
        levels.read("", &table, &mut wrong);
        let place = |word: &str| {
            let file = package.manifest_path.as_std_path().to_path_buf();
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let last = word.rsplit('.').next().unwrap_or(word);
            let table = text
                .lines()
                .position(|line| line.trim_start().starts_with("[package.metadata.orket"))
                .unwrap_or(0);
            let line = text.lines().enumerate().skip(table).find(|(_, line)| line.contains(last));
            let line = line.map_or(0, |(at, _)| u32::try_from(at + 1).unwrap_or(0));
            Span::point(file, line, u32::from(line > 0))
        };
        let findings = wrong.into_iter().map(|(word, message, help)| {
            let finding = Finding::error(Layer::Source, code::LINT_LEVEL, message).at(place(&word));
            Finding { package: Some(package.name.to_string()), ..finding.with_help(help) }
        });
        (levels, findings.collect())
    }

    fn read(&mut self, before: &str, value: &Value, wrong: &mut Vec<(String, String, String)>) {
        let Value::Object(table) = value else {
            if !value.is_null() {
                wrong.push((
                    "lints".to_owned(),
                    "`lints` is no table".to_owned(),
                    "write a code and its level per line".to_owned(),
                ));
            }
            return;
        };
        for (key, value) in table {
            let name = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
            match value {
                Value::String(level) => self.set(&name, level, wrong),
                // A dotted key without quotes is a table.
                Value::Object(_) if before.is_empty() => self.read(key, value, wrong),
                _ => {
                    let message = format!("the level of `{name}` is no text");
                    wrong.push((name, message, "write `allow`, `note`, `warn` or `deny`".to_owned()));
                }
            }
        }
    }

    fn set(&mut self, name: &str, level: &str, wrong: &mut Vec<(String, String, String)>) {
        let Some((_, level)) = LEVELS.iter().find(|(word, _)| *word == level) else {
            let near = suggest::nearest(level, LEVELS.iter().map(|(word, _)| *word)).unwrap_or("warn");
            let message = format!("`{level}` is no level");
            return wrong.push((
                name.to_owned(),
                message,
                format!("`allow`, `note`, `warn` or `deny`; perhaps `{near}`?"),
            ));
        };
        if FIRM.contains(&name) {
            let message = format!("the level of `{name}` cannot be changed");
            return wrong.push((name.to_owned(), message, "use what is public".to_owned()));
        }
        let is_noun = CODES.iter().any(|code| code.split('.').next() == Some(name));
        if !is_noun && !CODES.contains(&name) {
            let near = suggest::nearest(name, CODES.iter().copied());
            let help = near.map_or("`cargo orket explain --list` lists all codes".to_owned(), |near| {
                format!("did you mean `{near}`?")
            });
            return wrong.push((name.to_owned(), format!("`{name}` is no code of the lint"), help));
        }
        self.0.insert(name.to_owned(), *level);
    }

    /// A finding at the level that the package wants; none where that is `allow`.
    pub(super) fn applied(&self, finding: Finding) -> Option<Finding> {
        let noun = finding.code.split('.').next().unwrap_or_default();
        let level = self.0.get(finding.code).or_else(|| self.0.get(noun));
        let level = match level.filter(|_| !FIRM.contains(&finding.code)) {
            None => finding.level,
            Some(Level::Allow) => return None,
            Some(Level::Note) => Severity::Info,
            Some(Level::Warn) => Severity::Warning,
            Some(Level::Deny) => Severity::Error,
        };
        Some(Finding { level, ..finding })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(table: &Value) -> (Levels, Vec<String>) {
        let (mut levels, mut wrong) = (Levels::default(), Vec::new());
        levels.read("", table, &mut wrong);
        (levels, wrong.into_iter().map(|(_, message, help)| format!("{message}; {help}")).collect())
    }

    fn finding(code: &'static str) -> Finding {
        Finding::error(Layer::Source, code, "")
    }

    #[test]
    fn a_code_wins_over_its_noun() {
        let (levels, wrong) = read(&json!({ "ambient": "allow", "ambient.time": "warn" }));
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(levels.applied(finding(code::AMBIENT_THREAD)), None);
        let time = levels.applied(finding(code::AMBIENT_TIME)).expect("it is reported");
        assert_eq!(time.level, Severity::Warning);
        assert_eq!(
            levels.applied(finding(code::NATIVE_EXTERN)).expect("it is reported").level,
            Severity::Error
        );
    }

    #[test]
    fn dotted_keys_need_no_quotes() {
        let (levels, wrong) = read(&json!({ "ambient": { "time": "deny", "thread": "allow" } }));
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(levels.applied(finding(code::AMBIENT_THREAD)), None);
        assert_eq!(levels.0.len(), 2);
    }

    #[test]
    fn mistakes_are_named() {
        let said = |table: Value| read(&table).1.join("\n");
        assert!(said(json!({ "ambient.tme": "warn" })).contains("did you mean `ambient.time`?"));
        assert!(said(json!({ "ambient.time": "denny" })).contains("perhaps `deny`?"));
        assert!(said(json!({ "import.internal": "allow" })).contains("cannot be changed"));
        assert!(said(json!({ "ambient.time": 1 })).contains("no text"));
        assert!(said(json!(["ambient.time"])).contains("no table"));
    }

    #[test]
    fn an_internal_import_keeps_its_level() {
        let (levels, _) = read(&json!({ "import": "allow" }));
        assert!(levels.applied(finding(code::IMPORT_INTERNAL)).is_some());
    }

    #[test]
    fn every_code_of_the_list_is_in_the_table() {
        assert!(CODES.is_sorted());
        assert!(CODES.iter().all(|name| code::find(name).is_some()));
    }
}
