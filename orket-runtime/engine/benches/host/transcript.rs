//! What a record costs, and how soon the first difference of two long transcripts is found, each beside the least there is to do.

use crate::machine;
use crate::measure::{Aim, Case, Result, in_turns, timed};
use crate::options::Options;
use orket_contract::digest::Digest;
use orket_contract::transcript::Kind;
use orket_engine::journal::{Journal, TRANSCRIPT, compare};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::time::Duration;

const ROUNDS: usize = 40;
/// How many records are written in one turn; what is shown is the time of one of them.
const BATCH: u32 = 5_000;
/// How many records the transcripts have that are compared.
const LONG: u32 = 100_000;
/// Where the two of them differ: in the last record.
const LAST: u32 = LONG - 1;

pub(crate) fn run(options: &Options) -> Result<Value> {
    let (cores, load) = (machine::cores(), machine::load());
    let pinned = cores.last().is_some_and(|core| machine::pin(*core));
    let folder = tempfile::tempdir()?;
    let (left, right) = (folder.path().join("left"), folder.path().join("right"));
    write(&left, LONG, None)?;
    write(&right, LONG, Some(LAST))?;
    let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
    let measured = in_turns(
        vec![
            Case::timing("record", || {
                // A record is written once, into a folder of its own.
                if ours.exists() {
                    std::fs::remove_dir_all(&ours)?;
                }
                each(|| write(&ours, BATCH, None))
            }),
            Case::timing("plain line", || each(|| write_plain(&plain))),
            Case::new("first difference", || find(&left, &right)),
            Case::new("decompress both", || decompress(&left).and_then(|()| decompress(&right))),
        ],
        options.rounds(ROUNDS),
    )?;
    let ratios = [
        measured.alone("record", Aim::AtMost(25.0)),
        measured.ratio("record", "plain line", Aim::AtMost(8.0)),
        measured.alone("first difference", Aim::AtMost(100_000.0)),
        measured.ratio("first difference", "decompress both", Aim::AtMost(6.0)),
    ];
    Ok(json!({
        "bench": "transcript",
        "bytes_per_record": event(7, None).to_string().len(),
        "cases": measured.shown(),
        "load": [load, machine::load()],
        "machine": machine::facts(&cores),
        "pinned": pinned,
        "ratios": ratios.into_iter().flatten().collect::<Vec<_>>(),
        "records": LONG,
    }))
}

/// The time of one record, where a turn has many.
fn each(turn: impl FnOnce() -> Result<()>) -> Result<Duration> {
    Ok(timed(turn)? / BATCH)
}

/// What was asked and answered in an event, about 300 bytes in all.
fn event(n: u32, other: Option<u32>) -> Value {
    let answer = if other == Some(n) { "another" } else { "the same" };
    json!({
        "req": { "path": format!("/rooms/{}/things", n % 977), "query": { "after": n, "limit": 20, "order": "name" } },
        "res": { "answer": answer, "items": [n, n / 3, n / 7], "more": n.is_multiple_of(2), "note": "x".repeat(100) },
    })
}

fn write(dir: &Path, count: u32, other: Option<u32>) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    // All that a comparison looks at before it comes to the transcript.
    std::fs::write(dir.join("plan.json"), "{}")?;
    let mut journal = Journal::create(dir, Digest::of(b"plan"), None);
    for n in 0..count {
        let event = event(n, other);
        journal.event(
            Kind::Trace,
            Some("room.seen"),
            Some(&event["req"]),
            Some(&event["res"]),
            u64::from(n),
        )?;
    }
    Ok(journal.finish().map(drop)?)
}

/// The same lines as anybody would write them.
fn write_plain(path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for n in 0..BATCH {
        serde_json::to_writer(&mut file, &event(n, None))?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn find(left: &Path, right: &Path) -> Result<()> {
    match compare(left, right)? {
        Some(found) if found.place.to_string().contains(&LAST.to_string()) => Ok(()),
        other => Err(format!("another difference: {other:?}").into()),
    }
}

fn decompress(dir: &Path) -> Result<()> {
    let mut text = Vec::new();
    zstd::Decoder::new(File::open(dir.join(TRANSCRIPT))?)?.read_to_end(&mut text)?;
    if text.len() > LONG as usize { Ok(()) } else { Err("it is short".into()) }
}
