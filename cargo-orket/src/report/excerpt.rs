//! The lines of a source that a diagnostic is about, and which part of them it means.
//!
//! Invariant: whatever a span claims, what is quoted lies in the file, and its columns within its lines.

use crate::lint::Span;
use std::ops::Range;

/// The largest source that is quoted, in bytes.
const SOURCE_BYTES_MAX: u64 = 4 << 20;
/// The most lines that are quoted.
const LINES_MAX: usize = 20;

/// Some lines of a file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// Where the first line begins in the file, in bytes.
    pub(super) offset: usize,
    /// The lines, without the line break after the last one.
    pub(super) text: String,
    /// What of the text is meant, in bytes.
    pub(super) meant: Range<usize>,
    /// The line that what is meant starts in.
    pub(super) line: u32,
    /// The line that it ends in.
    pub(super) line_end: u32,
    /// The column that it starts at.
    pub(super) column: u32,
    /// The column behind its last character.
    pub(super) column_end: u32,
}

impl Excerpt {
    /// The lines of a span, if the file can be read and has them.
    pub(super) fn of(span: &Span) -> Option<Self> {
        let file = std::fs::metadata(&span.file).ok()?;
        if !file.is_file() || file.len() > SOURCE_BYTES_MAX {
            return None;
        }
        Self::within(&std::fs::read_to_string(&span.file).ok()?, span)
    }

    /// The same in a source that was read.
    pub(super) fn within(source: &str, span: &Span) -> Option<Self> {
        let first = span.line.checked_sub(1)? as usize;
        let count = (span.line_end.saturating_sub(span.line) as usize + 1).min(LINES_MAX);
        let offset = source.split_inclusive('\n').take(first).map(str::len).sum();
        let lines: Vec<&str> = source.lines().skip(first).take(count).collect();
        let (opening, closing) = (lines.first()?, lines.last()?);
        let start = byte(opening, span.column);
        let is_cut = first + lines.len() < span.line_end as usize;
        let before = lines.iter().map(|line| line.len() + 1).sum::<usize>() - closing.len() - 1;
        let end = match span.column_end {
            _ if is_cut => before + closing.len(),
            column if column > 0 && (lines.len() > 1 || column > span.column) => {
                before + byte(closing, column)
            }
            _ => before + word(closing, span.column).end,
        };
        let start = if span.column == 0 { opening.len() - opening.trim_start().len() } else { start };
        let meant = start..end.max(start);
        let text = lines.join("\n");
        let column =
            |line: &str, at: usize| u32::try_from(line[..at].chars().count() + 1).unwrap_or(u32::MAX);
        let behind = meant.end.saturating_sub(before).min(closing.len());
        Some(Self {
            offset,
            line: span.line,
            line_end: span.line + u32::try_from(lines.len() - 1).unwrap_or(0),
            column: column(opening, start),
            column_end: column(closing, behind),
            text,
            meant,
        })
    }
}

/// The byte that a column starts at: the end of the line where it has less.
fn byte(line: &str, column: u32) -> usize {
    let skipped = column.saturating_sub(1) as usize;
    line.char_indices().nth(skipped).map_or(line.len(), |(at, _)| at)
}

/// The bytes of the word that starts at a column; of the whole line when the column is unknown.
fn word(line: &str, column: u32) -> Range<usize> {
    if column == 0 {
        let start = line.len() - line.trim_start().len();
        return start..line.trim_end().len().max(start);
    }
    let start = byte(line, column);
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
    use proptest::prelude::*;

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

    fn span(line: u32, column: u32, line_end: u32, column_end: u32) -> Span {
        Span { line, column, line_end, column_end, ..Span::default() }
    }

    #[test]
    fn columns_count_characters_and_bytes_count_bytes() {
        let excerpt = Excerpt::within("one\nlet ä = \"🦀\";\nthree\n", &span(2, 9, 2, 12)).unwrap();
        assert_eq!((excerpt.offset, &excerpt.text[excerpt.meant.clone()]), (4, "\"🦀\""));
        assert_eq!((excerpt.column, excerpt.column_end), (9, 12));
        let lines = Excerpt::within("a b\nc d\ne f\n", &span(1, 3, 2, 2)).unwrap();
        assert_eq!((lines.text.as_str(), &lines.text[lines.meant.clone()]), ("a b\nc d", "b\nc"));
        assert_eq!((lines.line_end, lines.column_end), (2, 2));
    }

    proptest! {
        #[test]
        fn whatever_a_span_claims_is_within_the_source(
            source in "(\\PC|\n|\r\n){0,60}", line in 0_u32..9, column in 0_u32..20, more in 0_u32..40, end in 0_u32..20,
        ) {
            let Some(excerpt) = Excerpt::within(&source, &span(line, column, line.saturating_add(more), end)) else {
                return Ok(());
            };
            prop_assert!(excerpt.text.get(excerpt.meant.clone()).is_some());
            prop_assert!(excerpt.column >= 1 && excerpt.column_end >= 1);
            prop_assert!(excerpt.line_end > excerpt.line || excerpt.column_end >= excerpt.column);
            prop_assert!(source.get(excerpt.offset..).is_some_and(|rest| rest.lines().next() == excerpt.text.split('\n').next()));
        }
    }
}
