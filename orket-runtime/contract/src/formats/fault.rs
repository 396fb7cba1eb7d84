//! What is wrong at an offset of a text, and its way to an [`Issue`] with line and column.

use super::ISSUES_MAX;
use crate::issue::{Issue, Location};

/// One mistake.
#[derive(Debug)]
pub(super) struct Fault {
    at: usize,
    /// Where the same thing was written before.
    first: Option<usize>,
    issue: Issue,
}

impl Fault {
    pub(super) fn new(code: &str, at: usize, message: impl Into<String>) -> Self {
        Self { at, first: None, issue: Issue::error(code, message) }
    }

    pub(super) fn warning(code: &str, at: usize, message: impl Into<String>) -> Self {
        Self { at, first: None, issue: Issue::warning(code, message) }
    }

    pub(super) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { issue: self.issue.with_hint(hint), ..self }
    }

    pub(super) fn with_hint_if(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.with_hint(hint),
            None => self,
        }
    }

    /// Names the place where the same thing was written before.
    pub(super) fn after(self, first: Option<usize>) -> Self {
        Self { first, ..self }
    }

    fn into_issue(self, text: &str, file: &str) -> Issue {
        let (line, column) = place(text, self.at);
        let issue = self.issue.at(Location { file: file.to_owned(), line, column });
        match self.first.map(|first| place(text, first)) {
            Some((line, column)) => issue.with_hint(format!("it was first written at {line}:{column}")),
            None => issue,
        }
    }
}

/// All mistakes of a file.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn extend(&mut self, faults: Vec<Fault>) {
        self.0.extend(faults);
    }

    /// The first errors and warnings, in the order of the text.
    pub(super) fn into_issues(mut self, text: &str, file: &str) -> Vec<Issue> {
        // Errors come first into what is kept: warnings never crowd them out.
        self.0.sort_by_key(|fault| (!fault.issue.is_error(), fault.at));
        self.0.truncate(ISSUES_MAX);
        self.0.sort_by_key(|fault| fault.at);
        self.0.into_iter().map(|fault| fault.into_issue(text, file)).collect()
    }
}

/// The line of an offset and its column in characters, both from 1.
fn place(text: &str, at: usize) -> (u32, u32) {
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    let count = |n| u32::try_from(n).unwrap_or(u32::MAX);
    (count(line), count(column))
}

/// What an author wrote, fit for a message: in back ticks, on one line, not too long.
pub(super) fn quoted(text: &str) -> String {
    const CHARACTERS_MAX: usize = 60;
    let mut shown = String::new();
    for c in text.chars().take(CHARACTERS_MAX) {
        match c {
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(place("a\nöb", 0), (1, 1));
        assert_eq!(place("a\nöb", 4), (2, 2));
        assert_eq!(place("a\r\nb", 3), (2, 1));
        assert_eq!(place("a\r\nb", 99), (2, 2));
        assert_eq!(place("ö", 1), (1, 1));
        assert_eq!(place("", 0), (1, 1));
    }

    #[test]
    fn what_was_written_stays_on_one_line() {
        assert_eq!(quoted("a\nb"), "`a\\nb`");
        assert_eq!(quoted(&"x".repeat(61)), format!("`{}…`", "x".repeat(60)));
    }
}
