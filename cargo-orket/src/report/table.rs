//! Tables that fit the terminal, and the words for sizes and times in them.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

/// Columns of text. What does not fit is left out, column by column.
#[derive(Debug)]
pub(crate) struct Table {
    /// How much each column is missed: those with the lowest number above 0 go first.
    weights: Vec<u8>,
    rows: Vec<Vec<String>>,
}

/// What lies between two columns.
const GAP: usize = 2;

impl Table {
    /// A table with these headings; the weight 0 stands for a column that stays.
    pub(crate) fn new(columns: &[(&str, u8)]) -> Self {
        let heads = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        Self { weights: columns.iter().map(|(_, weight)| *weight).collect(), rows: vec![heads] }
    }

    /// Adds a row, a text for each column.
    pub(crate) fn row<const N: usize>(&mut self, row: [String; N]) {
        debug_assert_eq!(N, self.weights.len());
        self.rows.push(row.into());
    }

    /// The table in at most so many columns of text, where that is bounded.
    pub(crate) fn fitted(&self, columns: Option<usize>) -> String {
        let widths: Vec<usize> = (0..self.weights.len())
            .map(|at| self.rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0))
            .collect();
        let mut shown: Vec<usize> = (0..widths.len()).collect();
        let total =
            |shown: &[usize]| shown.iter().map(|at| widths[*at] + GAP).sum::<usize>().saturating_sub(GAP);
        while columns.is_some_and(|columns| total(&shown) > columns) {
            let least = shown.iter().filter(|at| self.weights[**at] > 0).min_by_key(|at| self.weights[**at]);
            let Some(least) = least.copied() else { break };
            shown.retain(|at| *at != least);
        }
        let line = |row: &Vec<String>| {
            let cells = shown.iter().map(|at| format!("{:<width$}", row[*at], width = widths[*at]));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// So many of what has its plural in `s`.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    format!("{count} {noun}{}", if count == N::from(1) { "" } else { "s" })
}

/// A number of bytes in words.
pub(crate) fn bytes(count: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let (mut tenths, mut unit) = (u128::from(count) * 10 / 1024, 0);
    while tenths >= 10_240 && unit + 1 < units.len() {
        (tenths, unit) = (tenths / 1024, unit + 1);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
}

/// How long ago a time such as `2026-01-31T12:00:00Z` was, in words.
pub(crate) fn ago(stamp: &str) -> String {
    let Ok(time) = humantime::parse_rfc3339(stamp) else { return "?".to_owned() };
    elapsed(SystemTime::now().duration_since(time).unwrap_or_default())
}

fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    format!("{count} {unit} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_least_missed_is_left_out_first() {
        let mut table = Table::new(&[("RUN", 0), ("SEED", 2), ("SIZE", 1)]);
        table.row(["first".to_owned(), "7".to_owned(), "12 KiB".to_owned()]);
        assert_eq!(table.fitted(None), "RUN    SEED  SIZE\nfirst  7     12 KiB");
        assert_eq!(table.fitted(Some(16)), "RUN    SEED\nfirst  7");
        assert_eq!(table.fitted(Some(3)), "RUN\nfirst");
    }

    #[test]
    fn one_thing_is_no_several() {
        assert_eq!([0_usize, 1, 2].map(|count| counted(count, "file")), ["0 files", "1 file", "2 files"]);
    }

    #[test]
    fn sizes_and_times_have_one_unit() {
        let sizes = [0, 1023, 1024, 1536, 1 << 20, u64::MAX].map(bytes);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "16777215.9 TiB"]);
        let times = [59, 60, 7_300, 200_000].map(|seconds| elapsed(Duration::from_secs(seconds)));
        assert_eq!(times, ["just now", "1 min ago", "2 h ago", "2 d ago"]);
    }
}
