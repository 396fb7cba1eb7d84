//! Text for people, in cargo's and rustc's own look.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use clap_cargo::style;
use orket_contract::code;
use orket_contract::issue::{Issue, Location, Severity};
use orket_engine::capability::console::visible;
use std::ops::Range;

/// The largest source that is quoted, in bytes.
const SOURCE_BYTES_MAX: u64 = 4 << 20;

/// A verb, right-aligned and green, and what it did.
pub(super) fn status(verb: &str, text: &str) -> String {
    let style = style::HEADER;
    format!("{style}{verb:>12}{style:#} {text}")
}

/// A warning without a code.
pub(super) fn warning(text: &str) -> String {
    let style = style::WARN;
    format!("{style}warning{style:#}: {text}")
}

/// An error without a code.
pub(super) fn error(text: &str) -> String {
    let style = style::ERROR;
    format!("{style}error{style:#}: {text}")
}

/// Commands to type next.
pub(super) fn next(commands: &[&str]) -> String {
    let style = style::LITERAL;
    let lines = commands.iter().enumerate().map(|(at, command)| {
        let verb = if at == 0 { status("Next", "") } else { " ".repeat(13) };
        format!("{verb}{style}{command}{style:#}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// An issue, with the line of source where there is one.
pub(super) fn issue(issue: &Issue) -> String {
    let source = issue.location.as_ref().and_then(Quote::of);
    // The renderer normalises titles and sources; the rest may hold an extension's own words, too.
    let title = level(issue.severity).primary_title(&issue.message).id(visible(&issue.code));
    let mut group = Group::with_title(title);
    match (&source, &issue.location) {
        (Some(quote), Some(location)) => {
            let mark = AnnotationKind::Primary.span(quote.span.clone());
            let snippet = Snippet::source(&quote.line).line_start(location.line as usize);
            group = group.element(snippet.path(&location.file).annotation(mark));
        }
        (None, Some(location)) => group = group.element(origin(location)),
        (_, None) => {}
    }
    // Findings of the lint say why besides what.
    for note in issue.details["notes"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str)
    {
        group = group.element(Level::NOTE.message(visible(note)));
    }
    if let Some(hint) = &issue.hint {
        group = group.element(Level::HELP.message(visible(hint)));
    }
    if code::find(&issue.code).is_some() && issue.is_error() {
        let more = format!("`cargo orket explain {}` says more", issue.code);
        group = group.element(Element::from(Level::NOTE.message(more)));
    }
    Renderer::styled().render(&[group])
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

fn origin(location: &Location) -> Origin<'_> {
    let origin = Origin::path(visible(&location.file));
    match (location.line, location.column) {
        (0, _) => origin,
        (line, 0) => origin.line(line as usize),
        (line, column) => origin.line(line as usize).char_column(column as usize),
    }
}

/// A line of a source file and the part of it that is meant.
struct Quote {
    line: String,
    span: Range<usize>,
}

impl Quote {
    /// The line at a place, if the file can be read and has one.
    fn of(location: &Location) -> Option<Self> {
        let index = location.line.checked_sub(1)? as usize;
        let file = std::fs::metadata(&location.file).ok()?;
        if !file.is_file() || file.len() > SOURCE_BYTES_MAX {
            return None;
        }
        let source = std::fs::read_to_string(&location.file).ok()?;
        let line = source.lines().nth(index)?.to_owned();
        let span = word(&line, location.column);
        Some(Self { line, span })
    }
}

/// The bytes of the word that starts at a column; of the whole line when the column is unknown.
fn word(line: &str, column: u32) -> Range<usize> {
    let Some(skipped) = column.checked_sub(1) else {
        let start = line.len() - line.trim_start().len();
        return start..line.trim_end().len().max(start);
    };
    let start = line.char_indices().nth(skipped as usize).map_or(line.len(), |(at, _)| at);
    let rest = &line[start..];
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].find(quote).map_or(1, |end| end + 2),
        Some(first) if is_of_word(first) => rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()),
        Some(first) => first.len_utf8(),
        None => 0,
    };
    start..start + length
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, column: u32, expected: &str) {
        assert_eq!(&line[word(line, column)], expected);
    }

    #[test]
    fn a_word_ends_where_it_ends() {
        check("use orket_runtime::internal;", 5, "orket_runtime::internal");
        check("id = \"a b\"", 6, "\"a b\"");
        check("id = \"open", 6, "\"");
        check("äö: ü", 5, "ü");
        check("  all of it  ", 0, "all of it");
        check("", 0, "");
        check("short", 99, "");
        check("", 7, "");
    }

    #[test]
    fn an_issue_quotes_its_source() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orket.toml");
        std::fs::write(&file, "id = \"x\"\nwrkloads = []\n").unwrap();
        let place = Location { file: file.display().to_string(), line: 2, column: 1 };
        let shown = issue(
            &Issue::error("manifest.unknown-key", "`wrkloads` is not a key")
                .at(place)
                .with_hint("`workloads`?"),
        );
        let shown = anstream::adapter::strip_str(&shown).to_string();
        assert!(shown.starts_with("error[manifest.unknown-key]: `wrkloads` is not a key\n"), "{shown}");
        assert!(shown.contains("2 | wrkloads = []\n  | ^^^^^^^^\n"), "{shown}");
        assert!(shown.contains("= help: `workloads`?"), "{shown}");
    }

    #[test]
    fn an_issue_cannot_drive_the_terminal() {
        let place = Location { file: "a\x1b[2Jb".to_owned(), line: 0, column: 0 };
        let hostile = Issue::error("a.\x1b[2Jb", "a\x1b[2Jb").at(place).with_hint("a\x1b[2Jb");
        let shown = issue(&hostile);
        assert!(!shown.contains("\x1b[2J"), "{shown:?}");
    }
}
