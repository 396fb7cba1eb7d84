//! Where two runs part, so that it is seen at one look: their events side by side up to the first difference.

use super::events::line;
use super::words::{Marked, one_line, plain, short};
use crate::difference::{Alignment, Change, Difference, Values, aligned, what};
use crate::error::Result;
use orket_engine::journal::{Place, Recording};
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
    /// What a run consists of, in causal order.
    chain: Vec<Link>,
    rows: Vec<Row>,
    /// How many events before those are the same, and how many rows after those are left out.
    before: usize,
    after: usize,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct First {
    place: String,
    left: Marked,
    right: Marked,
}

/// A part of the two runs.
#[derive(Serialize)]
struct Link {
    name: &'static str,
    /// `same`; `parted`, which is the cause; `follows`, which differs, too.
    state: &'static str,
    /// How much differs.
    note: String,
}

/// One event of either, or of both.
#[derive(Serialize)]
struct Row {
    /// `same`, `changed`, `missing` or `inserted`.
    change: &'static str,
    sign: char,
    /// Whether this is where they part.
    first: bool,
    left: Option<Event>,
    right: Option<Event>,
}

#[derive(Serialize)]
struct Event {
    number: u64,
    what: String,
    line: Marked,
}

/// Another part in which they differ.
#[derive(Serialize)]
struct Part {
    name: &'static str,
    places: Vec<(String, Marked, Marked)>,
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
        let mut rows: Vec<Row> =
            if total == 0 { Vec::new() } else { near.chain(far).map(|change| row(change, &a, &b)).collect() };
        if let Some(row) = rows.iter_mut().find(|row| row.sign != '=') {
            row.first = true;
        }
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
            chain: chain(&found),
            first: found.first.map(|first| {
                let place = plain(&format!("{}{}", first.place, at(&first.pointer)));
                let [left, right] = two(first.expected.as_ref(), first.actual.as_ref());
                First { place, left, right }
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

/// What there is of either, in one line; what differs stands out where both have something.
fn two(left: Option<&Value>, right: Option<&Value>) -> [Marked; 2] {
    match (left, right) {
        (Some(left), Some(right)) => Marked::two(&one_line(left), &one_line(right), VALUE_CHARS),
        (left, right) => [left, right]
            .map(|value| Marked::nowhere(&value.map_or_else(|| "nothing".to_owned(), one_line), VALUE_CHARS)),
    }
}

/// The parts of a run in causal order: the first that differs is the cause of those that follow.
fn chain(found: &Difference) -> Vec<Link> {
    let cause = found.first.as_ref().and_then(|first| match first.place {
        Place::Input => Some("input"),
        Place::Plan => Some("plan"),
        Place::Transcript { .. } => Some("transcript"),
        Place::Artifact { .. } => Some("artifacts"),
        Place::Output => Some("output"),
        _ => None,
    });
    let transcript = &found.transcript;
    let events = transcript.changed + transcript.missing + transcript.inserted + transcript.unaligned;
    let parts = [
        ("input", found.input.count()),
        ("plan", found.plan.count()),
        ("transcript", events),
        ("artifacts", found.artifacts.shown.len() + found.artifacts.more),
        ("output", found.output.count()),
    ];
    let link = |(name, count): (&'static str, usize)| {
        let state = if cause == Some(name) { "parted" } else { "follows" };
        let (state, note) = match count {
            0 if cause != Some(name) => ("same", "the same".to_owned()),
            0 | 1 => (state, "1 difference".to_owned()),
            count => (state, format!("{count} differences")),
        };
        Link { name, state, note }
    };
    parts.into_iter().map(link).collect()
}

fn row(change: Change, left: &Recording, right: &Recording) -> Row {
    let (change, sign, a, b) = match change {
        Change::Same(a, b) => ("same", '=', Some(a), Some(b)),
        Change::Changed(a, b) => ("changed", '≠', Some(a), Some(b)),
        Change::Missing(a) => ("missing", '−', Some(a), None),
        Change::Inserted(b) => ("inserted", '+', None, Some(b)),
    };
    let told = |recording: &Recording, at: usize| {
        let record = &recording.records()[at];
        let whole = recording.whole(record).unwrap_or_default();
        (record.i, what(record), one_line(&Value::from(line(record, &whole))))
    };
    let event = |(number, what, _): &(u64, String, String), line: Marked| Event {
        number: *number,
        what: short(&Value::from(what.as_str()), 60),
        line,
    };
    let alone = |told: (u64, String, String)| event(&told, Marked::nowhere(&told.2, VALUE_CHARS));
    let (a, b) = (a.map(|at| told(left, at)), b.map(|at| told(right, at)));
    let (left, right) = match (a, b) {
        (Some(a), Some(b)) if sign == '≠' => {
            let [left, right] = Marked::two(&a.2, &b.2, VALUE_CHARS);
            (Some(event(&a, left)), Some(event(&b, right)))
        }
        (a, b) => (a.map(alone), b.map(alone)),
    };
    Row { change, sign, first: false, left, right }
}

fn part(name: &'static str, values: &Values) -> Part {
    let place = |changed: &crate::difference::Changed| {
        let [left, right] = two(changed.left.as_ref(), changed.right.as_ref());
        (short(&Value::from(changed.pointer.as_str()), 120), left, right)
    };
    Part { name, places: values.shown.iter().map(place).collect(), more: values.more }
}

fn artifact(artifact: &crate::difference::Artifact) -> (String, Marked, Marked) {
    let size = |size: Option<u64>| {
        let size = size.map_or_else(|| "nothing".to_owned(), crate::report::bytes);
        Marked::nowhere(&size, VALUE_CHARS)
    };
    (short(&Value::from(artifact.path.as_str()), 120), size(artifact.left), size(artifact.right))
}
