//! What a run logged and printed: its own words, no part of its record.

use super::words::{Cut, cut, plain};
use orket_engine::runs::RecordedRun;
use serde::{Deserialize, Serialize};

/// How much of each is shown, in bytes.
const LOG_BYTES: usize = 64 << 10;
/// How many lines are shown.
const LINES_MAX: usize = 1_000;

/// Everything that was logged and printed.
#[derive(Serialize)]
pub(super) struct Logs {
    lines: Vec<Line>,
    more: bool,
    streams: Vec<(&'static str, Cut)>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    level: String,
    message: String,
}

impl Logs {
    pub(super) fn of(run: &RecordedRun) -> Self {
        let text = run.log("log.jsonl", LOG_BYTES).unwrap_or_default();
        let parsed = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let lines: Vec<Line> = parsed
            .take(LINES_MAX)
            .map(|line| Line { level: level(&line.level), message: plain(&line.message) })
            .collect();
        let more = text.len() >= LOG_BYTES || text.lines().count() > LINES_MAX;
        let stream = |name: &'static str| {
            let text = run.log(name, LOG_BYTES + 1).filter(|text| !text.is_empty())?;
            Some((name, cut(&text, LOG_BYTES)))
        };
        Self { lines, more, streams: ["stdout", "stderr"].into_iter().filter_map(stream).collect() }
    }
}

/// One of the levels that there are; it becomes a class.
fn level(text: &str) -> String {
    let known = ["debug", "info", "warn", "error"].into_iter().find(|level| *level == text);
    known.unwrap_or("info").to_owned()
}
