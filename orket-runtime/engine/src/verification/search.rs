//! The order of the runs: equal surroundings, then hostile ones, then those that tell the cause.

use super::cause;
use super::{Claim, Found, Seen, Verdict};
use crate::error::Error;
use crate::sandbox;
use crate::surroundings::{Dimension, Mode, Surroundings, hostile};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_contract::result::Status;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a run is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// To see whether it repeats at all.
    Equal,
    /// To see whether anything around it matters.
    Hostile,
    /// To see what matters.
    Cause,
    /// To see whether it matters each time, and nothing else does.
    Confirm,
    /// To see what keeps it from differing.
    Steady,
}

/// How something is run once in given surroundings.
pub type Run<'a> = dyn Fn(Trial, &Surroundings) -> Result<Seen, Error> + Sync + 'a;

/// What is to be tried.
#[derive(Debug, Clone)]
pub struct Attempts {
    /// How many runs in all before a cause is looked for, the first one included.
    pub runs: u32,
    /// What hostile surroundings are drawn from.
    pub seed: u64,
    /// How the runs are governed.
    pub mode: Mode,
    /// These surroundings alone, instead of drawn ones.
    pub only: Option<Surroundings>,
    /// Whether a record answers for all that is outside.
    pub replays: bool,
    /// How many runs at once.
    pub at_once: usize,
    /// How long a cause is looked for, once something differs.
    pub search: Duration,
}

impl Attempts {
    /// How many of the runs have usual surroundings, the first one included: two at the least, as far as there are that many.
    fn equal(&self) -> u32 {
        (self.runs * 2 / 5).max(2).min(self.runs)
    }

    fn hostile(&self) -> Vec<Surroundings> {
        let count = self.runs - self.equal();
        if let Some(only) = &self.only {
            return vec![only.clone(); count.max(1) as usize];
        }
        let count = u64::from(count);
        (0..count).map(|index| hostile(self.seed, index, self.mode)).collect()
    }
}

/// How many runs must agree for something to be called steady.
const STEADY: usize = 4;

/// A verification under way.
pub(super) struct Search<'a> {
    run: &'a Run<'a>,
    pub(super) attempts: Attempts,
    /// When no cause is looked for any more.
    deadline: OnceCell<Instant>,
    runs: Cell<u32>,
    /// Whether all of them ended as the first one did.
    ended_alike: Cell<bool>,
    status: Option<Status>,
    lacks: RefCell<BTreeSet<String>>,
}

/// Runs something again and again and compares with the first run, which `first` is.
///
/// # Errors
/// None that a run ends with: those are answers. What keeps the host from running anything at all.
pub fn verify(first: &Seen, attempts: Attempts, run: &Run<'_>) -> Result<Found, Error> {
    let (runs, ended_alike) = (Cell::new(1), Cell::new(true));
    let lacks = RefCell::new(first.lacks.iter().cloned().collect());
    let deadline = OnceCell::new();
    let search = Search { run, attempts, deadline, runs, ended_alike, status: first.status, lacks };
    let found = match search.verdict(first) {
        Err(error) if is_inconclusive(&error) => {
            Found { issue: error.issues().into_iter().next(), ..Found::of(Verdict::Incomplete) }
        }
        found => found?,
    };
    let claim = search.claim(found.verdict);
    Ok(Found {
        runs: search.runs.get(),
        claim,
        lacks: search.lacks.into_inner().into_iter().collect(),
        ..found
    })
}

/// Whether a run that ended so says nothing about whether it repeats.
pub(super) fn is_inconclusive(error: &Error) -> bool {
    let limit = |issue: &Issue| issue.code.starts_with("limit.");
    match error {
        Error::Refused { issues, .. } => issues.iter().any(limit),
        Error::Sandbox(sandbox::Error::Failed { .. }) => true,
        _ => false,
    }
}

impl Search<'_> {
    fn verdict(&self, first: &Seen) -> Result<Found, Error> {
        let equal = vec![Surroundings::default(); self.attempts.equal() as usize - 1];
        let seen = self.all(Trial::Equal, &equal)?;
        if let Some(other) = seen.iter().find(|seen| seen.differs()) {
            return self.intrinsic(first, other, Vec::new());
        }
        let hostile = self.attempts.hostile();
        let seen = self.all(Trial::Hostile, &hostile)?;
        let tried: Vec<_> = equal.into_iter().chain(hostile.iter().cloned()).collect();
        let mut differing = hostile.iter().zip(&seen).filter(|(_, seen)| seen.differs());
        let found = match differing.next() {
            Some((surroundings, other)) => cause::find(self, first, surroundings, other)?,
            None if first.refusal.is_some() => {
                Found { issue: first.refusal.clone(), ..Found::of(Verdict::Refused) }
            }
            None => Found::of(Verdict::Repeats),
        };
        Ok(Found { tried, ..found })
    }

    /// What the runs so far have proven.
    fn claim(&self, verdict: Verdict) -> Claim {
        let is_sure = self.runs.get() > 1 && self.status.is_some();
        let most = match self.lacks.borrow().is_empty() {
            true => Claim::ByteDeterministic,
            false => Claim::VerdictDeterministic,
        };
        let proven = match verdict {
            _ if !is_sure && !self.attempts.replays => Claim::NonDeterministic,
            verdict if verdict.holds() && self.attempts.replays => Claim::ReplayDeterministic,
            verdict if verdict.holds() => Claim::ByteDeterministic,
            Verdict::Intrinsic | Verdict::Env if self.ended_alike.get() => Claim::VerdictDeterministic,
            _ => Claim::NonDeterministic,
        };
        proven.min(most)
    }

    fn note(&self, seen: &Seen) {
        self.runs.set(self.runs.get() + 1);
        self.ended_alike.set(self.ended_alike.get() && seen.status == self.status);
        self.lacks.borrow_mut().extend(seen.lacks.iter().cloned());
    }

    /// Runs in equal surroundings differ: is there anything that keeps them from it?
    pub(super) fn intrinsic(
        &self,
        first: &Seen,
        other: &Seen,
        causes: Vec<Vec<Dimension>>,
    ) -> Result<Found, Error> {
        let mut steadied_by = Vec::new();
        let differ = |seen: &[Seen]| seen.windows(2).any(|pair| pair[0].digest != pair[1].digest);
        let usual = vec![Surroundings::default(); STEADY];
        // What differs seldom says nothing when it does not.
        let is_tried = self.attempts.mode == Mode::Ambient && first.refusal.is_none();
        if is_tried && differ(&self.all(Trial::Steady, &usual)?) {
            for pin in ["entropy=0", "aslr=off", "cpus=1"] {
                let pinned: Surroundings = pin.parse().unwrap_or_default();
                if self.is_over() {
                    break;
                }
                let seen = self.all(Trial::Steady, &vec![pinned.clone(); STEADY])?;
                if !differ(&seen) {
                    steadied_by.extend(pinned.dimensions());
                }
            }
        }
        let divergence = other.divergence.clone();
        Ok(Found { causes, divergence, steadied_by, ..Found::of(Verdict::Intrinsic) })
    }

    /// Whether no more is to be tried. The time begins when it is asked for first.
    pub(super) fn is_over(&self) -> bool {
        let now = Instant::now();
        now >= *self.deadline.get_or_init(|| now + self.attempts.search)
    }

    /// One run.
    pub(super) fn once(&self, trial: Trial, surroundings: &Surroundings) -> Result<Seen, Error> {
        let seen = (self.run)(trial, surroundings)?;
        self.note(&seen);
        Ok(seen)
    }

    /// A run in each of these, as many at once as there may be; what they came to, in the same order.
    pub(super) fn all(&self, trial: Trial, all: &[Surroundings]) -> Result<Vec<Seen>, Error> {
        let waiting: Mutex<VecDeque<usize>> = Mutex::new((0..all.len()).collect());
        let done: Mutex<Vec<Option<Result<Seen, Error>>>> = Mutex::new(all.iter().map(|_| None).collect());
        let run = self.run;
        let work = || {
            let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            while let Some(at) = next() {
                let seen = run(trial, &all[at]);
                done.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(seen);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.attempts.at_once.clamp(1, all.len().max(1)) {
                scope.spawn(work);
            }
            work();
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let done: Vec<Seen> =
            done.into_iter().map(|seen| seen.unwrap_or_else(|| Err(missing()))).collect::<Result<_, _>>()?;
        done.iter().for_each(|seen| self.note(seen));
        Ok(done)
    }
}

fn missing() -> Error {
    Error::refused(crate::Phase::Execute, Issue::error(code::GUEST_EXITED, "a run was never made"))
}
