//! What happened in a run, event by event, and what its console showed.

use super::words::{Cut, cut, plain, pretty, short, time};
use crate::difference::what;
use crate::report::bytes;
use orket_contract::transcript::{BlobRef, Kind, Record};
use orket_engine::journal::Recording;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many events are shown at the beginning and at the end.
const FIRST: usize = 1_500;
const LAST: usize = 500;
/// How much of a payload is shown, in bytes.
const PAYLOAD_BYTES: usize = 4 << 10;
/// How much of all payloads together is shown, in bytes (4 MiB).
const PAYLOADS_BYTES: usize = 4 << 20;
/// How long a line is.
const LINE_CHARS: usize = 160;
/// How much of a console is shown, in bytes.
const CONSOLE_BYTES: usize = 256 << 10;

/// The events of a run.
#[derive(Serialize)]
pub(super) struct Timeline {
    /// What there is, and how often, for the filter.
    kinds: Vec<(String, usize)>,
    first: Vec<Row>,
    /// How many are left out between.
    left_out: usize,
    last: Vec<Row>,
    /// The virtual time at the end.
    ended: String,
}

/// One event.
#[derive(Serialize)]
pub(super) struct Row {
    number: u64,
    /// What kind of event it is, or which capability was called.
    kind: String,
    what: String,
    line: String,
    at: String,
    /// The virtual time since the event before, where any went by.
    took: Option<String>,
    parts: Vec<Part>,
    failed: bool,
}

/// One side of an event.
#[derive(Serialize)]
struct Part {
    name: &'static str,
    body: Cut,
}

impl Timeline {
    pub(super) fn of(recording: &Recording) -> Self {
        let records = recording.records();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for record in records {
            *kinds.entry(kind(record)).or_default() += 1;
        }
        let first = records.len().min(FIRST);
        let last = records.len().saturating_sub(LAST).max(first);
        let mut left = PAYLOADS_BYTES;
        let mut rows = |range: std::ops::Range<usize>| -> Vec<Row> {
            range.map(|at| row(recording, at, &mut left)).collect()
        };
        Self {
            kinds: kinds.into_iter().collect(),
            first: rows(0..first),
            left_out: last - first,
            last: rows(last..records.len()),
            ended: records.last().map_or_else(String::new, |record| time(record.v)),
        }
    }
}

/// A capability for a call, else the kind.
fn kind(record: &Record) -> String {
    match (&record.cap, record.k) {
        (Some(capability), _) => short(&Value::from(capability.as_str()), 40),
        (None, Kind::Step) => "step".to_owned(),
        (None, Kind::Call) => "call".to_owned(),
        (None, Kind::Trace) => "trace".to_owned(),
        (None, Kind::Artifact) => "artifact".to_owned(),
        (None, Kind::Exit) => "exit".to_owned(),
    }
}

fn row(recording: &Recording, at: usize, left: &mut usize) -> Row {
    let record = &recording.records()[at];
    let before = at.checked_sub(1).map_or(0, |before| recording.records()[before].v);
    let took = record.v.saturating_sub(before);
    // Long payloads lie beside; one that cannot be read is shown as the reference that it is.
    let whole = recording.whole(record).unwrap_or_else(|_| serde_json::to_value(record).unwrap_or_default());
    let mut parts = Vec::new();
    for (name, key) in [("asked", "req"), ("answered", "res"), ("failed", "err")] {
        if let Some(value) =
            whole.get(key).filter(|value| **value != Value::Null && **value != serde_json::json!({}))
        {
            let body = pretty(value, PAYLOAD_BYTES.min(*left));
            *left = left.saturating_sub(body.text.len());
            parts.push(Part { name, body });
        }
    }
    for (name, blob) in [("sent", &record.req_blob), ("received", &record.res_blob)] {
        parts.extend(blob.as_ref().map(|blob| Part { name, body: attachment(blob) }));
    }
    Row {
        number: record.i,
        kind: kind(record),
        what: short(&Value::from(what(record)), 80),
        line: line(record, &whole),
        at: if record.v == 0 { String::new() } else { time(record.v) },
        took: (took > 0).then(|| time(took)),
        parts,
        failed: record.err.is_some(),
    }
}

fn attachment(blob: &BlobRef) -> Cut {
    Cut {
        text: plain(&format!("{} beside the transcript, sha256 {}", bytes(blob.len), blob.sha256)),
        size: None,
    }
}

/// An event in a line: what was asked, and what was answered.
pub(super) fn line(record: &Record, whole: &Value) -> String {
    let part = |key: &str| whole.get(key).filter(|value| !value.is_null());
    let asked = part("req").map(|asked| match asked.as_object() {
        Some(entries) if entries.is_empty() => String::new(),
        // The only argument speaks for itself.
        Some(entries) if entries.len() == 1 && record.k == Kind::Call => {
            entries.values().map(|value| short(value, LINE_CHARS)).collect()
        }
        _ => short(asked, LINE_CHARS),
    });
    let answered = part("err").map(|failure| format!("✗ {}", short(failure, LINE_CHARS)));
    let answered = answered.or_else(|| part("res").map(|answer| short(answer, LINE_CHARS)));
    match (asked.unwrap_or_default(), answered) {
        (asked, None) => asked,
        (asked, Some(answered)) if asked.is_empty() => answered,
        (asked, Some(answered)) => format!("{asked} → {answered}"),
    }
}

/// What a console showed.
#[derive(Serialize)]
pub(super) struct Console {
    pieces: Vec<Piece>,
    cut: bool,
}

/// Text of one side.
#[derive(Serialize)]
struct Piece {
    /// Whether it was typed.
    typed: bool,
    text: String,
}

impl Console {
    /// What was written and typed, in order; nothing of a run without a console.
    pub(super) fn of(recording: &Recording) -> Self {
        let mut console = Self { pieces: Vec::new(), cut: false };
        let mut left = CONSOLE_BYTES;
        let calls = recording.records().iter().filter(|record| record.cap.as_deref() == Some("console"));
        for record in calls {
            let whole = recording.whole(record).unwrap_or_default();
            let argument = |key: &str| {
                whole.get("req").and_then(|asked| asked.get(key)?.as_str()).unwrap_or_default().to_owned()
            };
            if record.op.as_deref() == Some("read_line") {
                console.say(false, &argument("prompt"), &mut left);
                let typed = whole.get("res").and_then(Value::as_str);
                console.say(typed.is_some(), &format!("{}\n", typed.unwrap_or("(end of input)")), &mut left);
            } else {
                console.say(false, &argument("text"), &mut left);
            }
        }
        console
    }

    fn say(&mut self, typed: bool, text: &str, left: &mut usize) {
        let shown = cut(text, *left);
        *left = left.saturating_sub(text.len());
        self.cut |= shown.size.is_some();
        match self.pieces.last_mut() {
            Some(last) if last.typed == typed => last.text.push_str(&shown.text),
            _ if shown.text.is_empty() => {}
            _ => self.pieces.push(Piece { typed, text: shown.text }),
        }
    }
}
