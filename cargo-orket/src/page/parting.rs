//! Where two runs part, so that it is seen at one look: their events side by side up to the first difference.

use super::events::line;
use super::words::{plain, short};
use crate::difference::{Alignment, Change, Values, aligned, what};
use crate::error::Result;
use orket_engine::journal::Recording;
use orket_engine::runs::RecordedRun;
use serde::Serialize;
use serde_json::Value;

/// How many events before the first difference are shown, and how many from there on.
const BEFORE: usize = 6;
const AFTER: usize = 24;
/// How many differences of each other part are shown.
const PLACES: usize = 8;
/// How long a value is.
const VALUE_CHARS: usize = 200;

/// Two runs and what lies between them.
#[derive(Serialize)]
pub(super) struct Parting {
    left: String,
    right: String,
    /// The first difference; nothing when they are equal.
    first: Option<First>,
    rows: Vec<Row>,
    /// How many events before those are the same, and how many rows after those are left out.
    before: usize,
    after: usize,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct First {
    place: String,
    left: String,
    right: String,
}

/// One event of either, or of both.
#[derive(Serialize)]
struct Row {
    /// `same`, `changed`, `missing` or `inserted`.
    change: &'static str,
    left: Option<Event>,
    right: Option<Event>,
}

#[derive(Serialize)]
struct Event {
    number: u64,
    what: String,
    line: String,
}

/// Another part in which they differ.
#[derive(Serialize)]
struct Part {
    name: &'static str,
    places: Vec<(String, String, String)>,
    more: usize,
}

impl Parting {
    pub(super) fn between(left: &RecordedRun, right: &RecordedRun) -> Result<Self> {
        let found = super::compared(left, right, PLACES)?;
        let (a, b) = (left.recording()?, right.recording()?);
        let Alignment { same, changes, unaligned } = aligned(&a, &b);
        let shown = same.saturating_sub(BEFORE);
        let near = (shown..same).map(|at| Change::Same(at, at));
        let total = changes.len();
        let far = changes.into_iter().take(AFTER);
        let rows: Vec<Row> =
            if total == 0 { Vec::new() } else { near.chain(far).map(|change| row(change, &a, &b)).collect() };
        let artifacts = Part {
            name: "artifacts",
            places: found.artifacts.shown.iter().map(artifact).collect(),
            more: found.artifacts.more,
        };
        let parts = [
            part("input", &found.input),
            part("plan", &found.plan),
            artifacts,
            part("output", &found.output),
            part("context", &found.context),
        ];
        Ok(Self {
            left: plain(&found.left.name),
            right: plain(&found.right.name),
            first: found.first.map(|first| First {
                place: plain(&format!("{}{}", first.place, at(&first.pointer))),
                left: value(first.expected.as_ref()),
                right: value(first.actual.as_ref()),
            }),
            rows,
            before: shown,
            after: total.saturating_sub(AFTER) + unaligned,
            parts: parts.into_iter().filter(|part| !part.places.is_empty()).collect(),
        })
    }
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" at {pointer}") }
}

fn value(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| short(value, VALUE_CHARS))
}

fn row(change: Change, left: &Recording, right: &Recording) -> Row {
    let (name, a, b) = match change {
        Change::Same(a, b) => ("same", Some(a), Some(b)),
        Change::Changed(a, b) => ("changed", Some(a), Some(b)),
        Change::Missing(a) => ("missing", Some(a), None),
        Change::Inserted(b) => ("inserted", None, Some(b)),
    };
    let event = |recording: &Recording, at: usize| {
        let record = &recording.records()[at];
        let whole = recording.whole(record).unwrap_or_default();
        Event {
            number: record.i,
            what: short(&Value::from(what(record)), 60),
            line: short(&Value::from(line(record, &whole)), VALUE_CHARS),
        }
    };
    Row { change: name, left: a.map(|at| event(left, at)), right: b.map(|at| event(right, at)) }
}

fn part(name: &'static str, values: &Values) -> Part {
    let place = |changed: &crate::difference::Changed| {
        (
            short(&Value::from(changed.pointer.as_str()), 120),
            value(changed.left.as_ref()),
            value(changed.right.as_ref()),
        )
    };
    Part { name, places: values.shown.iter().map(place).collect(), more: values.more }
}

fn artifact(artifact: &crate::difference::Artifact) -> (String, String, String) {
    let size = |size: Option<u64>| size.map_or_else(|| "nothing".to_owned(), crate::report::bytes);
    (short(&Value::from(artifact.path.as_str()), 120), size(artifact.left), size(artifact.right))
}
