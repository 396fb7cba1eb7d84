//! Diagnostics as annotations of a step of GitHub Actions, and all of them in the step's summary.
//!
//! Invariants: at most [`SHOWN_MAX`] annotations of each kind, because GitHub shows no more of a step, the worst first, the
//! last one naming how many are missing; no text ends its line or begins a command of its own; the summary stays below
//! the size at which GitHub drops it. Before the annotations GitHub is told to take nothing for a command: it reads all text of
//! a step, also that of extensions, cargo and build scripts.

use super::diagnostic::{Diagnostic, below};
use super::table::counted;
use orket_contract::issue::Severity;
use orket_engine::capability::console::visible;
use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

/// How many annotations of one kind GitHub shows of a step.
const SHOWN_MAX: usize = 10;
/// The largest summary of a step that GitHub takes is 1 MiB; some room stays for the end.
const SUMMARY_BYTES_MAX: usize = (1 << 20) - (4 << 10);
/// The longest message in an annotation or a row, in characters.
const TEXT_CHARS_MAX: usize = 1_000;

/// A word that nobody can guess: GitHub takes commands again when it is given that.
pub(super) fn token() -> String {
    format!("orket-{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// From this line on GitHub takes nothing for a command.
pub(super) fn stop(token: &str) -> String {
    format!("::stop-commands::{token}")
}

/// From this line on it does again.
pub(super) fn resume(token: &str) -> String {
    format!("::{token}::")
}

/// The lines for standard output.
pub(super) fn annotations(diagnostics: &[Diagnostic], root: &Path) -> String {
    let mut text = String::new();
    for level in [Severity::Error, Severity::Warning, Severity::Info] {
        let of_level: Vec<_> = open(diagnostics).filter(|one| one.level == level).collect();
        let shown = if of_level.len() > SHOWN_MAX { SHOWN_MAX - 1 } else { of_level.len() };
        of_level[..shown].iter().for_each(|one| text.push_str(&annotation(one, root)));
        let missing = of_level.len() - shown;
        if missing > 0 {
            let more = format!("{missing} more of this kind are in the summary of the step");
            let _ = writeln!(text, "::{} title=cargo orket::{}", command(level), escaped(&more));
        }
    }
    text
}

/// What nobody has accepted.
fn open(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(|one| one.suppressed.is_none())
}

fn annotation(one: &Diagnostic, root: &Path) -> String {
    let mut properties = Vec::new();
    if let Some(span) = &one.span {
        let file = below(root, &span.file).unwrap_or_else(|| span.file.display().to_string());
        properties.push(("file", file));
        if span.line > 0 {
            let excerpt = one.excerpt();
            let (column, line_end, column_end) =
                excerpt.map_or((span.column, span.line, 0), |one| (one.column, one.line_end, one.column_end));
            properties.push(("line", span.line.to_string()));
            properties.push(("endLine", line_end.to_string()));
            if column > 0 && line_end == span.line {
                properties.push(("col", column.to_string()));
                properties.push(("endColumn", column_end.max(column).to_string()));
            }
        }
    }
    properties.push(("title", one.code.clone()));
    let properties: Vec<_> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(&visible(value)))).collect();
    let text = clipped(&visible(&one.text()));
    format!("::{} {}::{}\n", command(one.level), properties.join(","), escaped(&text))
}

fn command(level: Severity) -> &'static str {
    match level {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

/// The value of a command.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// All diagnostics as a table in Markdown, for a summary that has so many bytes already.
pub(super) fn summary(diagnostics: &[Diagnostic], left_out: usize, root: &Path, before: usize) -> String {
    let mut rows: Vec<&Diagnostic> = diagnostics.iter().collect();
    rows.sort_by_key(|one| std::cmp::Reverse(one.level));
    let mut text = String::from("### cargo orket\n\n");
    if rows.is_empty() {
        text.push_str("Nothing was found.\n");
        return text;
    }
    text.push_str("| | code | place | what |\n|---|---|---|---|\n");
    let mut shown = 0;
    for one in &rows {
        let row = row(one, root);
        if before + text.len() + row.len() > SUMMARY_BYTES_MAX {
            break;
        }
        text.push_str(&row);
        shown += 1;
    }
    let missing = rows.len() - shown + left_out;
    if missing > 0 {
        let _ = writeln!(
            text,
            "\n{} left out, because a summary has at most 1 MiB.",
            counted(missing as u64, "row")
        );
    }
    text
}

fn row(one: &Diagnostic, root: &Path) -> String {
    let place = one.span.as_ref().map_or_else(String::new, |span| {
        let file = below(root, &span.file).unwrap_or_else(|| span.file.display().to_string());
        if span.line == 0 { file } else { format!("{file}:{}:{}", span.line, span.column) }
    });
    let accepted = one.suppressed.as_ref().map(|reason| format!("\naccepted: {reason}"));
    let what = clipped(&(one.text() + &accepted.unwrap_or_default()));
    format!("| {} | {} | {} | {} |\n", one.level, cell(&one.code), cell(&place), cell(&what))
}

/// Text that stays text in a cell of a table.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in visible(text).chars() {
        match c {
            '\n' => cell.push_str("<br>"),
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '~' | '@' => cell.extend(['\\', c]),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::super::odd;
    use super::*;
    use crate::lint::Span;
    use proptest::prelude::*;

    #[test]
    fn an_annotation_has_its_place_and_code() {
        let span = Span::point("/r/src/a,b:c.rs".into(), 3, 7);
        let one = odd::diagnostic("import.internal", "100% wrong\nreally", Some(span));
        let line = annotations(&[one], Path::new("/r"));
        assert_eq!(
            line,
            "::error file=src/a%2Cb%3Ac.rs,line=3,endLine=3,col=7,endColumn=7,title=import.internal::100%25 wrong%0Areally\n"
        );
    }

    #[test]
    fn what_github_would_not_show_is_counted() {
        let many = vec![odd::diagnostic("a.b", "x", None); 25];
        let text = annotations(&many, Path::new("/"));
        assert_eq!(text.lines().count(), SHOWN_MAX);
        assert!(text.ends_with("::16 more of this kind are in the summary of the step\n"), "{text}");
        let ten = annotations(&many[..10], Path::new("/"));
        assert!(!ten.contains("more") && ten.lines().count() == 10, "{ten}");
    }

    #[test]
    fn a_summary_has_every_row_until_it_is_full() {
        let many = vec![odd::diagnostic("a.b", &"x".repeat(900), None); 3_000];
        let text = summary(&many, 0, Path::new("/"), 0);
        assert!(text.len() < 1 << 20 && text.len() > 1_000_000, "{}", text.len());
        let rows = text.lines().filter(|line| line.starts_with("| error")).count();
        assert!(
            text.ends_with(&format!(
                "\n{} rows left out, because a summary has at most 1 MiB.\n",
                3_000 - rows
            ))
        );
        assert!(!summary(&many, 0, Path::new("/"), 1 << 20).contains("| error"));
    }

    proptest! {
        #[test]
        fn odd_text_is_one_command_and_one_row(one in odd::anything()) {
            let mut open = one.clone();
            open.suppressed = None;
            let lines = annotations(&[open], Path::new("/nowhere"));
            prop_assert_eq!(lines.lines().count(), 1);
            prop_assert!(lines.starts_with("::error ") || lines.starts_with("::warning ") || lines.starts_with("::notice "));
            prop_assert!(!lines.trim_end_matches('\n').chars().any(|c| c.is_control() && c != '\t'));
            let row = row(&one, Path::new("/nowhere"));
            prop_assert_eq!(row.lines().count(), 1);
            let bare = row.replace("\\\\", "").replace("\\|", "");
            prop_assert_eq!(bare.matches('|').count(), 5, "{}", row);
        }
    }
}
