//! What guests ask of their surroundings past the capabilities: what they are told, and what is on record of it.

use crate::loader::{self, Resolved};
use orket_contract::ambient::{CALLERS_MAX, Kind};
use orket_contract::digest::ambient_key;
use orket_contract::limit::INTEGER_MAX;
use orket_contract::protocol::{self, Flip, Observation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file of what a run asked of its surroundings, where it asked for something.
pub const AMBIENT: &str = "ambient.json";

/// A question to one guest of a run about what it draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// The number of the guest: 0 is the one of plan and first step, then one for each step that has its own;
    /// [`CHECKING`] validates.
    pub guest: u32,
    /// The draws that give something else, among those of the guest.
    pub flip: Option<Flip>,
    /// The draw whose callers are wanted.
    pub trace: Option<u64>,
}

/// The number of the guest that validates and summarises.
pub const CHECKING: u32 = u32::MAX;

/// What the standard libraries of a run's guests answer from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings {
    pub(crate) seed: u64,
    pub(crate) probe: Option<Probe>,
}

impl Surroundings {
    /// What a guest is told, whose clock starts at `at`.
    pub(crate) fn of(&self, guest: u32, at: u64) -> protocol::Ambient {
        let probe = self.probe.filter(|probe| probe.guest == guest);
        protocol::Ambient {
            key: ambient_key(self.seed, guest).to_string(),
            at,
            flip: probe.and_then(|probe| probe.flip),
            trace: probe.and_then(|probe| probe.trace),
        }
    }
}

/// What guests have asked for, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ambient {
    kinds: BTreeMap<Kind, (u64, Vec<u64>)>,
    /// How many draws each guest has made, by its number.
    draws: BTreeMap<u32, u64>,
    traced: Vec<u64>,
    /// What the sandbox has refused last before what the guest said last, where that is of a kind.
    pub(crate) refused: Option<Kind>,
}

/// One line of the record: how often something was asked for, and where first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// How often.
    pub count: u64,
    /// What.
    pub kind: Kind,
    /// `file:line:column` in the author's source of who asked first, where the program knows its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Ambient {
    /// Adds what a guest says. It may say anything: no more is kept than a guest of ours would send.
    pub(crate) fn add(&mut self, observations: Vec<Observation>, mut traced: Vec<u64>) {
        for Observation { kind, count, mut callers } in observations {
            let (sum, first) = self.kinds.entry(kind).or_default();
            *sum = sum.saturating_add(count).min(INTEGER_MAX);
            if first.is_empty() {
                callers.truncate(CALLERS_MAX);
                *first = callers;
            }
        }
        if self.traced.is_empty() {
            traced.truncate(CALLERS_MAX);
            self.traced = traced;
        }
    }

    /// Adds what the guest of this number has said, after what others have.
    pub(crate) fn and(&mut self, guest: u32, later: Self) {
        self.draws.extend(later.kinds.get(&Kind::Entropy).map(|(count, _)| (guest, *count)));
        let observations =
            later.kinds.into_iter().map(|(kind, (count, callers))| Observation { kind, count, callers });
        self.add(observations.collect(), later.traced);
    }

    /// Whether nothing was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// How often each kind was asked for.
    pub fn counts(&self) -> impl Iterator<Item = (Kind, u64)> {
        self.kinds.iter().map(|(kind, (count, _))| (*kind, *count))
    }

    /// How many draws each guest has made, by its number.
    #[must_use]
    pub fn draws(&self) -> Vec<(u32, u64)> {
        self.draws.iter().map(|(guest, count)| (*guest, *count)).collect()
    }

    /// Where the traced draw was made: `file:line:column` in the author's source, where the program knows its lines.
    #[must_use]
    pub fn traced(&self, extension: &Resolved) -> Option<String> {
        loader::places(extension, &[&self.traced]).pop().flatten()
    }

    /// Where something was asked for first, where the program knows its lines.
    pub(crate) fn place(&self, kind: Kind, extension: &Resolved) -> Option<String> {
        let (_, callers) = self.kinds.get(&kind)?;
        loader::places(extension, &[callers]).pop().flatten()
    }

    /// The same as it is recorded.
    pub(crate) fn record(&self, extension: &Resolved) -> Vec<Asked> {
        let callers: Vec<&[u64]> = self.kinds.values().map(|(_, callers)| callers.as_slice()).collect();
        let places = loader::places(extension, &callers);
        let asked = self.counts().zip(places).map(|((kind, count), place)| Asked { count, kind, place });
        asked.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_the_first_callers_stay() {
        let seen =
            |count, callers: &[u64]| Observation { kind: Kind::Entropy, count, callers: callers.to_vec() };
        let mut ambient = Ambient::default();
        ambient.add(vec![seen(2, &[7; CALLERS_MAX + 1])], vec![]);
        ambient.add(vec![seen(u64::MAX, &[8])], vec![1]);
        let mut first = Ambient::default();
        first.and(3, ambient.clone());
        assert_eq!(first.kinds, ambient.kinds);
        assert_eq!(first.draws(), [(3, INTEGER_MAX)]);
        assert!(orket_contract::canonical::to_string(&first.draws()).is_ok());
        assert_eq!(first.kinds[&Kind::Entropy].1, [7; CALLERS_MAX]);
        assert_eq!(first.traced, [1]);
    }

    #[test]
    fn a_probe_is_for_one_guest_and_guests_draw_apart() {
        let flip = Some(Flip { from: 3, to: 4, by: 0 });
        let probe = Some(Probe { guest: 1, flip, trace: None });
        let surroundings = Surroundings { seed: 7, probe };
        let (first, second) = (surroundings.of(0, 5), surroundings.of(1, 5));
        assert_eq!((first.flip, second.flip), (None, flip));
        assert_ne!(first.key, second.key);
        assert_eq!(first.at, 5);
    }
}
