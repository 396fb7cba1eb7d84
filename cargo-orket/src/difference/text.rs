//! Two texts, line by line.

use serde::Serialize;
use similar::TextDiff;

/// How many lines of each text are compared after those at the beginning that are the same.
const LINES_MAX: usize = 5_000;
/// The longest line that is shown, in characters.
const LINE_CHARS_MAX: usize = 400;

/// Where two texts differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Lines {
    /// The line of the first difference, from 1.
    pub(crate) line: usize,
    /// Its column in characters, from 1.
    pub(crate) column: usize,
    /// The lines around the differences, in the unified form, without a header.
    pub(crate) unified: Vec<String>,
    /// How many more lines that has, as far as the texts were compared.
    pub(crate) more: usize,
}

impl Lines {
    /// Compares two texts that differ; at most `limit` lines are kept.
    pub(crate) fn between(left: &str, right: &str, limit: usize) -> Self {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (left.split_inclusive('\n').collect(), right.split_inclusive('\n').collect());
        let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let (a, b) = (old.get(same).copied().unwrap_or_default(), new.get(same).copied().unwrap_or_default());
        let column = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count() + 1;
        // Three lines of context stay before the first difference.
        let from = same.saturating_sub(3);
        let part = |lines: &[&str]| lines[from..].iter().take(LINES_MAX).copied().collect::<String>();
        let (old, new) = (part(&old), part(&new));
        let diff = TextDiff::from_lines(&old, &new);
        let mut unified = Vec::new();
        for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
            for change in hunk.iter_changes() {
                unified.push(line(change.tag(), change.value()));
            }
        }
        let more = unified.len().saturating_sub(limit);
        unified.truncate(limit);
        Self { line: same + 1, column, unified, more }
    }
}

fn line(tag: similar::ChangeTag, text: &str) -> String {
    let text = text.trim_end_matches('\n');
    let cut = text.char_indices().nth(LINE_CHARS_MAX).map_or(text.len(), |(end, _)| end);
    let dots = if cut < text.len() { "…" } else { "" };
    format!("{tag}{}{dots}", &text[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_has_line_and_column() {
        let lines = Lines::between("a\nb\nc\n", "a\nbx\nc\n", 10);
        assert_eq!((lines.line, lines.column), (2, 2));
        assert_eq!(lines.unified, [" a", "-b", "+bx", " c"]);
        let lines = Lines::between("a\n", "a\nb", 1);
        assert_eq!((lines.line, lines.column, lines.more), (2, 1, 1));
    }
}
