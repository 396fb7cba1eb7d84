//! Two transcripts, aligned by their events: which are missing, which are new, which have changed.

use super::values::{Changed, clipped};
use crate::error::Result;
use orket_contract::transcript::{Kind, Record};
use orket_engine::journal::Recording;
use serde::Serialize;
use serde_json::{Value, json};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;

/// How many events of each run are aligned after the first difference; of the rest only the number is told.
const ALIGNED_MAX: usize = 4_000;
/// How many events before the first difference are kept.
const BEFORE: usize = 5;

/// The events in which two transcripts differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Events {
    /// How many events the first has.
    pub(crate) left: usize,
    /// How many events the second has.
    pub(crate) right: usize,
    /// How many have changed.
    pub(crate) changed: usize,
    /// How many only the first has.
    pub(crate) missing: usize,
    /// How many only the second has.
    pub(crate) inserted: usize,
    /// How many of the first were too far behind to be aligned.
    pub(crate) unaligned: usize,
    /// The events before the first difference.
    pub(crate) before: Vec<Value>,
    /// The differences, in order.
    pub(crate) shown: Vec<Event>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub(crate) enum Event {
    /// Both have the event, with another content.
    Changed {
        /// Its number in the first.
        left: usize,
        /// Its number in the second.
        right: usize,
        /// What it is, such as `console.write`.
        what: String,
        /// The first place in it that differs, and both values.
        #[serde(flatten)]
        at: Changed,
    },
    /// Only the first has it.
    Missing {
        /// Its number in the first.
        left: usize,
        /// What it is.
        what: String,
        /// The event.
        event: Value,
    },
    /// Only the second has it.
    Inserted {
        /// Its number in the second.
        right: usize,
        /// What it is.
        what: String,
        /// The event.
        event: Value,
    },
}

/// How one event of the first stands to one of the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Both have it, and it is the same.
    Same(usize, usize),
    /// Both have it, with another content.
    Changed(usize, usize),
    /// Only the first has it.
    Missing(usize),
    /// Only the second has it.
    Inserted(usize),
}

impl Events {
    /// Aligns two transcripts and keeps the first `limit` differences.
    pub(crate) fn between(left: &Recording, right: &Recording, limit: usize) -> Result<Self> {
        let (a, b) = (left.records(), right.records());
        let alignment = aligned(left, right);
        let mut events = Self {
            left: a.len(),
            right: b.len(),
            changed: 0,
            missing: 0,
            inserted: 0,
            unaligned: alignment.unaligned,
            before: Vec::new(),
            shown: Vec::new(),
            more: 0,
        };
        if !alignment.changes.is_empty() || alignment.unaligned > 0 {
            let before = alignment.same.saturating_sub(BEFORE)..alignment.same;
            events.before = a[before].iter().map(|record| clipped(&json!(record))).collect();
        }
        for change in alignment.changes {
            let kept = match change {
                Change::Same(..) => continue,
                Change::Changed(..) => &mut events.changed,
                Change::Missing(_) => &mut events.missing,
                Change::Inserted(_) => &mut events.inserted,
            };
            *kept += 1;
            if events.shown.len() < limit {
                events.shown.push(told(change, left, right)?);
            } else {
                events.more += 1;
            }
        }
        Ok(events)
    }
}

fn told(change: Change, left: &Recording, right: &Recording) -> Result<Event> {
    let whole = |recording: &Recording, at: usize| -> Result<Value> {
        Ok(recording.whole(&recording.records()[at])?)
    };
    Ok(match change {
        Change::Same(a, b) | Change::Changed(a, b) => {
            let (mut old, mut new) = (whole(left, a)?, whole(right, b)?);
            // An event further on has another number and perhaps another time; that is not what has changed.
            for event in [&mut old, &mut new] {
                event["i"] = Value::Null;
                event["v"] = Value::Null;
            }
            let at = Changed::first(&old, &new).unwrap_or(Changed {
                pointer: "/v".to_owned(),
                left: Some(json!(left.records()[a].v.to_string())),
                right: Some(json!(right.records()[b].v.to_string())),
            });
            Event::Changed { left: a, right: b, what: what(&left.records()[a]), at }
        }
        Change::Missing(at) => {
            Event::Missing { left: at, what: what(&left.records()[at]), event: clipped(&whole(left, at)?) }
        }
        Change::Inserted(at) => Event::Inserted {
            right: at,
            what: what(&right.records()[at]),
            event: clipped(&whole(right, at)?),
        },
    })
}

/// An event in a word, such as `console.write`, `trace turn.played` or `exit`.
pub(crate) fn what(record: &Record) -> String {
    let op = record.op.as_deref().unwrap_or_default();
    match (record.k, &record.cap) {
        (Kind::Call, Some(capability)) => format!("{capability}.{op}"),
        (Kind::Call, None) => op.to_owned(),
        (Kind::Step, _) => "step".to_owned(),
        (Kind::Trace, _) => format!("trace {op}"),
        (Kind::Artifact, _) => format!("artifact {op}"),
        (Kind::Exit, _) => "exit".to_owned(),
    }
}

/// Two transcripts, event by event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Alignment {
    /// How many events at the beginning are the same.
    pub(crate) same: usize,
    /// What comes after those, up to the events at the end that are the same.
    pub(crate) changes: Vec<Change>,
    /// How many events of the first were too far behind to be aligned.
    pub(crate) unaligned: usize,
}

/// Aligns two transcripts.
pub(crate) fn aligned(left: &Recording, right: &Recording) -> Alignment {
    let (a, b) = (left.records(), right.records());
    let shorter = a.len().min(b.len());
    let same = (0..shorter).find(|at| left.line(*at as u64) != right.line(*at as u64)).unwrap_or(shorter);
    let tail = (0..shorter - same).find(|at| !alike(&a[a.len() - 1 - at], &b[b.len() - 1 - at]));
    let tail = tail.unwrap_or(shorter - same);
    // What asks the same and is answered otherwise is one event, whatever comes later.
    let answered = usize::from(tail < shorter - same && asks(&a[same]) == asks(&b[same]));
    let (old, new) = (same + answered..a.len() - tail, same + answered..b.len() - tail);
    let bounded = |range: &Range<usize>| range.start..range.end.min(range.start + ALIGNED_MAX);
    let (near_old, near_new) = (bounded(&old), bounded(&new));
    let unaligned = old.end - near_old.end;
    let mut changes = vec![Change::Changed(same, same); answered];
    changes.extend(align(&a[near_old], &b[near_new], same + answered));
    if changes.is_empty() && same < shorter {
        // Only the time differs.
        changes.push(Change::Changed(same, same));
    }
    Alignment { same, changes, unaligned }
}

/// Whether two events are the same but for their number and time.
fn alike(a: &Record, b: &Record) -> bool {
    key(a) == key(b)
}

fn key(record: &Record) -> Record {
    Record { i: 0, v: 0, ..record.clone() }
}

/// An event without what was answered.
fn asks(record: &Record) -> Record {
    Record { err: None, res: None, res_blob: None, res_ref: None, ..key(record) }
}

fn align(a: &[Record], b: &[Record], from: usize) -> Vec<Change> {
    let keys = |records: &[Record]| -> Vec<String> {
        records.iter().map(|record| json!(key(record)).to_string()).collect()
    };
    let (old, new) = (keys(a), keys(b));
    let mut changes = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                changes.extend((0..len).map(|n| Change::Same(from + old_index + n, from + new_index + n)));
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                changes.extend((old_index..old_index + old_len).map(|at| Change::Missing(from + at)));
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                changes.extend((new_index..new_index + new_len).map(|at| Change::Inserted(from + at)));
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                let pairs = (old_index..old_index + old_len, new_index..new_index + new_len);
                replaced(a, b, pairs, from, &mut changes);
            }
        }
    }
    changes
}

/// Events in the place of others: those of one kind have changed, others went and came.
fn replaced(
    a: &[Record],
    b: &[Record],
    (old, new): (Range<usize>, Range<usize>),
    from: usize,
    changes: &mut Vec<Change>,
) {
    let mut left = old.clone();
    let mut right = new.clone();
    for (x, y) in old.zip(new) {
        let is_one = a[x].k == b[y].k && a[x].cap == b[y].cap && a[x].op == b[y].op;
        if !is_one {
            break;
        }
        changes.push(Change::Changed(from + x, from + y));
        (left.start, right.start) = (x + 1, y + 1);
    }
    changes.extend(left.map(|at| Change::Missing(from + at)));
    changes.extend(right.map(|at| Change::Inserted(from + at)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(texts: &[&str]) -> Vec<Record> {
        let record = |(at, text): (usize, &&str)| Record {
            cap: Some("console".to_owned()),
            op: Some(if text.starts_with('?') { "read_line" } else { "write" }.to_owned()),
            req: Some(json!({ "text": text })),
            ..Record::new(at as u64, Kind::Call, at as u64)
        };
        texts.iter().enumerate().map(record).collect()
    }

    #[track_caller]
    fn check(a: &[&str], b: &[&str], expected: &[Change]) {
        let changes = align(&records(a), &records(b), 10);
        let differing: Vec<_> =
            changes.into_iter().filter(|change| !matches!(change, Change::Same(..))).collect();
        assert_eq!(differing, expected, "{a:?} {b:?}");
    }

    #[test]
    fn events_are_missing_new_or_changed() {
        use Change::{Changed, Inserted, Missing};
        check(&["a", "b"], &["a", "b"], &[]);
        check(&["a", "b", "c"], &["a", "c"], &[Missing(11)]);
        check(&["a", "c"], &["a", "b", "c"], &[Inserted(11)]);
        check(&["a", "b", "c"], &["a", "x", "c"], &[Changed(11, 11)]);
        check(&["a", "?b", "c"], &["a", "x", "c"], &[Missing(11), Inserted(11)]);
        check(&["a"], &[], &[Missing(10)]);
    }
}
