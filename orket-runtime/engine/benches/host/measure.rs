//! Cases that are measured in turns, their percentiles, and the ratios between them.

use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Times of one thing.
#[derive(Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that so many percent stay below, in microseconds.
    pub(crate) fn percentile_us(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len().saturating_sub(1) * percent).div_ceil(100);
        sorted.get(at).map_or(f64::NAN, |time| rounded(time.as_secs_f64() * 1e6))
    }

    pub(crate) fn median_us(&self) -> f64 {
        self.percentile_us(50)
    }

    pub(crate) fn shown(&self) -> Value {
        let [p10_us, p50_us, p90_us] = [10, 50, 90].map(|percent| self.percentile_us(percent));
        json!({ "count": self.0.len(), "p10_us": p10_us, "p50_us": p50_us, "p90_us": p90_us })
    }
}

/// Something that is done again and again; it says how long it took.
pub(crate) struct Case<'a> {
    name: String,
    perform: Box<dyn FnMut() -> Result<Duration> + 'a>,
    samples: Samples,
}

impl<'a> Case<'a> {
    /// Something that is timed from its beginning to its end.
    pub(crate) fn new(name: &str, mut perform: impl FnMut() -> Result<()> + 'a) -> Self {
        Self::timing(name, move || timed(&mut perform))
    }

    /// Something that times itself.
    pub(crate) fn timing(name: &str, perform: impl FnMut() -> Result<Duration> + 'a) -> Self {
        Self { name: name.to_owned(), perform: Box::new(perform), samples: Samples::default() }
    }
}

pub(crate) fn timed(perform: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let begun = Instant::now();
    perform()?;
    Ok(begun.elapsed())
}

/// Measured cases, by name.
pub(crate) struct Measured(Vec<(String, Samples)>);

/// Performs all cases in turns, so that whatever disturbs one disturbs all; the first turns do not count.
pub(crate) fn in_turns(mut cases: Vec<Case<'_>>, rounds: usize) -> Result<Measured> {
    let warm_up = rounds.div_ceil(10);
    for round in 0..warm_up + rounds {
        for case in &mut cases {
            let time = (case.perform)().map_err(|error| format!("{}: {error}", case.name))?;
            if round >= warm_up {
                case.samples.push(time);
            }
        }
    }
    Ok(Measured(cases.into_iter().map(|case| (case.name, case.samples)).collect()))
}

impl Measured {
    pub(crate) fn of(cases: impl IntoIterator<Item = (&'static str, Samples)>) -> Self {
        Self(cases.into_iter().map(|(name, samples)| (name.to_owned(), samples)).collect())
    }

    pub(crate) fn shown(&self) -> Map<String, Value> {
        self.0.iter().map(|(name, samples)| (name.clone(), samples.shown())).collect()
    }

    fn median_us(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, samples)| samples.median_us())
    }

    /// The ratio of two medians, and what it should be; nothing where one was not measured.
    pub(crate) fn ratio(&self, of: &str, to: &str, aim: Aim) -> Option<Value> {
        let ratio = rounded(self.median_us(of)? / self.median_us(to)?);
        Some(aim.judge(&format!("{of} / {to}"), ratio))
    }

    /// The ratio of how often two things can be done in the same time.
    pub(crate) fn rate(&self, of: &str, to: &str, aim: Aim) -> Option<Value> {
        let ratio = rounded(self.median_us(to)? / self.median_us(of)?);
        Some(aim.judge(&format!("{of} per {to}"), ratio))
    }

    /// A median by itself, and what it should be on a quiet machine.
    pub(crate) fn alone(&self, name: &str, aim: Aim) -> Option<Value> {
        Some(aim.judge(&format!("{name}, µs"), rounded(self.median_us(name)?)))
    }

    pub(crate) fn per_second(&self, name: &str) -> Option<f64> {
        self.median_us(name).map(|median| (1e6 / median).round())
    }
}

/// What a ratio should be.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

impl Aim {
    fn judge(self, name: &str, ratio: f64) -> Value {
        match self {
            Self::AtMost(aim) => json!({ "name": name, "ratio": ratio, "at_most": aim, "met": ratio <= aim }),
            Self::AtLeast(aim) => {
                json!({ "name": name, "ratio": ratio, "at_least": aim, "met": ratio >= aim })
            }
        }
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
