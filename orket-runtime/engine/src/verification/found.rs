//! What a verification comes to.

use super::draws::Decided;
use super::search::is_inconclusive;
use crate::CHECKING;
use crate::error::Error;
use crate::journal::Divergence;
use crate::surroundings::{Dimension, Surroundings};
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_contract::result::Status;
use serde::Serialize;
use std::fmt;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// All runs came to the same.
    Repeats,
    /// Runs in equal surroundings differ.
    Intrinsic,
    /// It depends on its surroundings.
    Env,
    /// It repeats for one seed, and what the system gave as random decides about what it comes to.
    Seed,
    /// It was refused, each time alike.
    Refused,
    /// It differs from what was recorded, each time alike: the program or its input is another one.
    Changed,
    /// No answer: a limit, or the sandbox, ended a run.
    Incomplete,
}

impl Verdict {
    /// Whether nothing stands against it: what depends on its seed alone repeats.
    #[must_use]
    pub fn holds(self) -> bool {
        matches!(self, Self::Repeats | Self::Seed)
    }

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Repeats => "repeats",
            Self::Intrinsic => "intrinsic",
            Self::Env => "env",
            Self::Seed => "seed",
            Self::Refused => "refused",
            Self::Changed => "changed",
            Self::Incomplete => "incomplete",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name().to_uppercase())
    }
}

/// How much is known to repeat: the strongest claim that the runs have proven. Each is weaker than the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Nothing, or there was one run only.
    NonDeterministic,
    /// All runs ended alike.
    VerdictDeterministic,
    /// All runs came to the same while a record answered for what is outside.
    ReplayDeterministic,
    /// All runs came to the same, byte for byte.
    ByteDeterministic,
}

impl Claim {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NonDeterministic => "non_deterministic",
            Self::VerdictDeterministic => "verdict_deterministic",
            Self::ReplayDeterministic => "replay_deterministic",
            Self::ByteDeterministic => "byte_deterministic",
        }
    }
}

/// What one run came to, against the first one.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Runs that came to the same have the same.
    pub digest: Digest,
    /// Where it parts from the first run; nothing when they agree.
    pub divergence: Option<Divergence>,
    /// Why it was refused, where it was.
    pub refusal: Option<Issue>,
    /// How the workload said that it ended.
    pub status: Option<Status>,
    /// What makes runs repeat and was not there.
    pub lacks: Vec<String>,
}

impl Seen {
    /// Whether it differs from the first run.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.divergence.is_some()
    }
}

/// Something that the system gave as random, and that decides about what comes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draw {
    /// Which one of its guest, from 0.
    pub draw: u64,
    /// The number of the guest, as in [`Probe`](crate::Probe).
    pub guest: u32,
    /// `file:line:column` of who asked, where the program knows its lines.
    pub place: Option<String>,
}

impl fmt::Display for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "draw {}", self.draw)?;
        match self.guest {
            0 => {}
            CHECKING => f.write_str(" of the validators")?,
            guest => write!(f, " of guest {guest}")?,
        }
        self.place.iter().try_for_each(|place| write!(f, " → {place}"))
    }
}

/// The verdict, and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The answer.
    pub verdict: Verdict,
    /// What the runs have proven.
    pub claim: Claim,
    /// What makes runs repeat and was not there in some, by name: then it is luck that they came to the same, and the claim is lower.
    pub lacks: Vec<String>,
    /// How many runs it took, the first one included.
    pub runs: u32,
    /// What it depends on: each is needed with the others of its set, and each set is enough. For `intrinsic` what was suspected.
    pub causes: Vec<Vec<Dimension>>,
    /// Whether the search for causes or draws came to its end. Where it was cut short, each set may hold more than is needed, and there may
    /// be others.
    pub is_whole: bool,
    /// The least surroundings in which it differs.
    pub surroundings: Surroundings,
    /// For `intrinsic`: what makes it repeat, each by itself.
    pub steadied_by: Vec<Dimension>,
    /// For `seed`: what was drawn that decides.
    pub draws: Vec<Draw>,
    /// Where it parts first.
    pub divergence: Option<Divergence>,
    /// For `refused` and `incomplete`: why, and where.
    pub issue: Option<Issue>,
    /// In which surroundings it was run before a cause was looked for.
    pub tried: Vec<Surroundings>,
}

impl Found {
    /// What differs from its record, from the first run on; each time alike or not.
    #[must_use]
    pub fn changed(divergence: Divergence, is_same: bool) -> Self {
        let verdict = if is_same { Verdict::Changed } else { Verdict::Intrinsic };
        Self { divergence: Some(divergence), runs: 2, ..Self::of(verdict) }
    }

    /// Whether there is a difference that shows again.
    #[must_use]
    pub fn differs(&self) -> bool {
        matches!(self.verdict, Verdict::Intrinsic | Verdict::Env)
    }

    /// The same, where it repeats and draws decide. What they are was found out in so many runs.
    #[must_use]
    pub fn decided_by(self, Decided { draws, is_whole, by_draws }: Decided, runs: u32) -> Self {
        let verdict = if by_draws { Verdict::Seed } else { self.verdict };
        Self { verdict, draws, is_whole, runs: self.runs + runs, ..self }
    }

    /// What was refused before it could run.
    #[must_use]
    pub fn refused(error: &Error) -> Self {
        let verdict = if is_inconclusive(error) { Verdict::Incomplete } else { Verdict::Refused };
        Self { issue: error.issues().into_iter().next(), ..Self::of(verdict) }
    }

    pub(super) fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            claim: Claim::NonDeterministic,
            lacks: Vec::new(),
            runs: 1,
            causes: Vec::new(),
            is_whole: true,
            surroundings: Surroundings::default(),
            steadied_by: Vec::new(),
            draws: Vec::new(),
            divergence: None,
            issue: None,
            tried: Vec::new(),
        }
    }

    /// Every dimension that it depends on.
    #[must_use]
    pub fn dimensions(&self) -> Vec<Dimension> {
        let all: std::collections::BTreeSet<_> = self.causes.iter().flatten().copied().collect();
        all.into_iter().collect()
    }

    /// The verdict as a person reads it: `ENV(tz, hostname)`.
    #[must_use]
    pub fn shown(&self) -> String {
        let sets = |sets: &[Vec<Dimension>]| {
            let names =
                |set: &Vec<Dimension>| set.iter().map(|one| one.name()).collect::<Vec<_>>().join(" + ");
            sets.iter().map(names).collect::<Vec<_>>().join(", ")
        };
        match self.verdict {
            Verdict::Env if self.is_whole => format!("ENV({})", sets(&self.causes)),
            Verdict::Env if self.causes.is_empty() => "ENV(…)".to_owned(),
            Verdict::Env => format!("ENV({}, …)", sets(&self.causes)),
            Verdict::Seed => {
                let more = (!self.is_whole).then(|| "…".to_owned());
                let draws: Vec<_> = self.draws.iter().map(ToString::to_string).chain(more).collect();
                format!("SEED({})", draws.join(", "))
            }
            Verdict::Refused => {
                let issue = self.issue.as_ref();
                let place = issue.and_then(|issue| issue.location.as_ref());
                let place = place.map(|place| format!(", {}:{}", place.file, place.line)).unwrap_or_default();
                format!("REFUSED({}{place})", issue.map_or("", |issue| &issue.code))
            }
            other => other.to_string(),
        }
    }
}
