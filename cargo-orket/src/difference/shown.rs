//! A difference for people.

use super::events::{Event, what};
use super::text::Lines;
use super::values::Changed;
use super::{Artifact, Cut, Detail, Difference, Events, Side, Values};
use crate::media::{Picture, Pixel, Sample, Sound};
use crate::report::{bytes, counted};
use clap::builder::styling::Style;
use clap_cargo::style::{ERROR, HEADER, VALID};
use orket_contract::transcript::Record;
use orket_engine::capability::console::visible;
use serde_json::Value;

/// How many characters of a value are shown.
const VALUE_CHARS: usize = 160;
/// How many characters before the first difference of two texts are shown.
const LEAD_CHARS: usize = 24;

/// The whole difference as text.
pub(crate) fn shown(difference: &Difference) -> String {
    let mut page = Page::default();
    page.side("left", &difference.left);
    page.side("right", &difference.right);
    if difference.equal {
        page.head("Equal", "input, plan, transcript, artifacts and output");
        page.equal(&difference.left);
    } else if let Some(first) = &difference.first {
        let pointer = if first.pointer.is_empty() { String::new() } else { format!(" at {}", first.pointer) };
        page.head("First", &format!("difference: {}{pointer}", first.place));
        page.pair(first.expected.as_ref(), first.actual.as_ref());
    }
    page.values("Input", &difference.input);
    page.values("Plan", &difference.plan);
    page.events(&difference.transcript);
    page.artifacts(&difference.artifacts);
    page.values("Output", &difference.output);
    page.values("Context", &difference.context);
    page.lines.join("\n")
}

#[derive(Default)]
struct Page {
    lines: Vec<String>,
}

impl Page {
    fn head(&mut self, verb: &str, text: &str) {
        self.lines.push(format!("{HEADER}{verb:>12}{HEADER:#} {}", visible(text)));
    }

    fn line(&mut self, text: &str) {
        self.lines.push(format!("{:13}{}", "", visible(text)));
    }

    fn side(&mut self, which: &str, side: &Side) {
        self.head(which, &format!("{} of {} with seed {}", side.name, side.workload, side.seed));
    }

    fn equal(&mut self, side: &Side) {
        for (name, digest) in
            [("plan", &side.plan), ("transcript", &side.transcript), ("artifacts", &side.artifacts)]
        {
            self.line(&format!("{name:<10}  {digest}"));
        }
    }

    /// What was, and what is instead; of two long texts the parts that differ.
    fn pair(&mut self, left: Option<&Value>, right: Option<&Value>) {
        let skipped = common(left, right);
        for (sign, style, value) in [('-', ERROR, left), ('+', VALID, right)] {
            let text = value.map_or_else(|| "nothing".to_owned(), |value| cut(&value.to_string(), skipped));
            self.lines.push(format!("{:15}{style}{sign} {}{style:#}", "", visible(&text)));
        }
    }

    fn values(&mut self, name: &str, values: &Values) {
        if values.count() == 0 {
            return;
        }
        self.head(name, &format!("differs in {}", counted(values.count(), "place")));
        for Changed { pointer, left, right } in &values.shown {
            self.line(if pointer.is_empty() { "the whole" } else { pointer });
            self.pair(left.as_ref(), right.as_ref());
        }
        self.more(values.more);
    }

    fn more(&mut self, more: usize) {
        if more > 0 {
            self.line(&format!("… and {more} more; `--limit` shows more of them"));
        }
    }

    fn events(&mut self, events: &Events) {
        if events.changed + events.missing + events.inserted + events.unaligned == 0 {
            return;
        }
        let Events { left, right, changed, missing, inserted, .. } = events;
        let text = format!(
            "{left} and {}: {changed} changed, {missing} only left, {inserted} only right",
            counted(*right, "event")
        );
        self.head("Transcript", &text);
        for before in &events.before {
            self.line(&format!("  {}", before_line(before)));
        }
        for event in &events.shown {
            match event {
                Event::Changed { left, right, what, at } => {
                    self.line(&format!("{left} / {right}  {what} at {}", at.pointer));
                    self.pair(at.left.as_ref(), at.right.as_ref());
                }
                Event::Missing { event, .. } => self.one('-', event),
                Event::Inserted { event, .. } => self.one('+', event),
            }
        }
        self.more(events.more);
        if events.unaligned > 0 {
            self.line(&format!("not aligned: {} further on", counted(events.unaligned, "event")));
        }
    }

    fn one(&mut self, sign: char, event: &Value) {
        let style = if sign == '-' { ERROR } else { VALID };
        let text = cut(&before_line(event), 0);
        self.lines.push(format!("{:15}{style}{sign} {}{style:#}", "", visible(&text)));
    }

    fn artifacts(&mut self, artifacts: &Cut<Artifact>) {
        let count = artifacts.shown.len() + artifacts.more;
        if count == 0 {
            return;
        }
        self.head("Artifacts", &format!("{count} differ{}", if count == 1 { "s" } else { "" }));
        for artifact in &artifacts.shown {
            let sizes = match (artifact.left, artifact.right) {
                (Some(left), Some(right)) if left == right => bytes(left),
                (Some(left), Some(right)) => format!("{} and {}", bytes(left), bytes(right)),
                (Some(left), None) => format!("{}, only left", bytes(left)),
                (None, right) => format!("{}, only right", bytes(right.unwrap_or_default())),
            };
            self.line(&format!("{}  {sizes}", artifact.path));
            match &artifact.detail {
                Some(detail) => self.detail(detail),
                None if artifact.left.is_some() && artifact.right.is_some() => {
                    self.line(
                        "  its bytes are not at hand: a case keeps only the digest of a large artifact",
                    );
                }
                None => {}
            }
        }
        self.more(artifacts.more);
    }

    fn detail(&mut self, detail: &Detail) {
        match detail {
            Detail::Json(values) => {
                for Changed { pointer, left, right } in &values.shown {
                    self.line(&format!("  at {pointer}"));
                    self.pair(left.as_ref(), right.as_ref());
                }
                self.more(values.more);
            }
            Detail::Text(lines) => self.text(lines),
            Detail::Png { left, right, chunk, pixel } => self.picture((left, right), *chunk, pixel.as_ref()),
            Detail::Wav { left, right, sample } => self.sound((left, right), sample.as_ref()),
            Detail::Binary(found) => {
                self.line(&format!("  first at byte {}; from byte {}:", found.offset, found.from));
                self.pair(Some(&found.left.clone().into()), Some(&found.right.clone().into()));
            }
        }
    }

    fn text(&mut self, lines: &Lines) {
        self.line(&format!("  first at {}:{}", lines.line, lines.column));
        for line in &lines.unified {
            let style = match line.as_bytes().first() {
                Some(b'-') => ERROR,
                Some(b'+') => VALID,
                _ => Style::new(),
            };
            self.lines.push(format!("{:15}{style}{}{style:#}", "", visible(line)));
        }
        self.more(lines.more);
    }

    fn picture(&mut self, (left, right): (&Picture, &Picture), chunk: Option<usize>, pixel: Option<&Pixel>) {
        let form = |picture: &Picture| format!("{}×{} {}", picture.width, picture.height, picture.colour);
        self.forms(&form(left), &form(right));
        if let Some(Pixel { x, y, left, right, differing }) = pixel {
            self.line(&format!("  first pixel at {x},{y}: {left} and {right}; {differing} differ"));
        } else if let Some(chunk) = chunk {
            let named = |picture: &Picture| match picture.chunks.get(chunk) {
                Some((name, size)) => format!("{name}, {}", counted(*size, "byte")),
                None => "none".to_owned(),
            };
            self.line(&format!("  first chunk {chunk}: {} and {}", named(left), named(right)));
        }
    }

    fn sound(&mut self, (left, right): (&Sound, &Sound), sample: Option<&Sample>) {
        self.forms(&left.form(), &right.form());
        if let Some(Sample { frame, channel, milliseconds, left, right, differing, peak_difference }) = sample
        {
            let text = format!(
                "  first sample at frame {frame} ({milliseconds} ms), channel {channel}: {left} and {right}"
            );
            self.line(&format!("{text}; {differing} differ, by {peak_difference} at most"));
        }
    }

    fn forms(&mut self, left: &str, right: &str) {
        let text = if left == right { left.to_owned() } else { format!("{left} and {right}") };
        self.line(&format!("  {text}"));
    }
}

/// An event in a line: what it is, and what is in it.
fn before_line(event: &Value) -> String {
    match serde_json::from_value::<Record>(event.clone()) {
        Ok(record) => {
            let part = |name: &str| event.get(name).map(|value| format!(" {value}")).unwrap_or_default();
            let answer = event.get("res").filter(|value| !value.is_null()).map(|value| format!(" → {value}"));
            let text = format!("{} {}{}", record.i, what(&record), part("req"));
            cut(&format!("{text}{}{}", answer.unwrap_or_default(), part("err")), 0)
        }
        // It was cut, because it is long.
        Err(_) => cut(event.as_str().unwrap_or_default(), 0),
    }
}

/// How many characters at the beginning of both values need not be shown.
fn common(left: Option<&Value>, right: Option<&Value>) -> usize {
    let (Some(left), Some(right)) = (left, right) else { return 0 };
    let (left, right) = (left.to_string(), right.to_string());
    let same = left.chars().zip(right.chars()).take_while(|(a, b)| a == b).count();
    if same <= VALUE_CHARS / 2 { 0 } else { same - LEAD_CHARS }
}

fn cut(text: &str, skipped: usize) -> String {
    let mut shown: String = text.chars().skip(skipped).take(VALUE_CHARS).collect();
    if skipped > 0 {
        shown.insert(0, '…');
    }
    if text.chars().count() > skipped + VALUE_CHARS {
        shown.push('…');
    }
    shown
}
