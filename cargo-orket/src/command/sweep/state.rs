//! How far a sweep has come: a file that appears whole or not at all, so that an interrupted sweep goes on.

use super::Finding;
use crate::error::{Error, Result};
use crate::file;
use orket_contract::digest::Digest;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much of a sweep an interruption may cost.
const PAUSE: Duration = Duration::from_secs(1);

/// What has been looked at, and what was found.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Of the places of the seeds.
    pub(super) done: Ranges,
    pub(super) findings: Vec<Finding>,
}

/// The file of one sweep. What it is called says all that the sweep depends on, so nothing in it can be of another.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    due: Instant,
}

impl Kept {
    /// The file of the sweep with that identity, below the folder of a project's state.
    pub(super) fn below(folder: &Path, identity: Digest) -> Result<Self> {
        let folder = folder.join("sweeps");
        fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
        Ok(Self { path: folder.join(format!("{identity}.json")), due: Instant::now() })
    }

    /// What is kept; nothing where there is none.
    ///
    /// # Errors
    /// [`Error::File`] for a file that cannot be read: it is never taken for none.
    pub(super) fn load(&self) -> Result<Option<State>> {
        let text = match fs::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(Error::file("read", &self.path))?,
        };
        let state: State = serde_json::from_slice(&text)
            .map_err(|error| Error::file("read", &self.path)(std::io::Error::other(error)))?;
        match state.done.is_sound() {
            true => Ok(Some(state)),
            false => Err(Error::file("read", &self.path)(ErrorKind::InvalidData.into())),
        }
    }

    /// Keeps the state, if that is due.
    pub(super) fn save_in_time(&mut self, state: &State) -> Result<()> {
        if Instant::now() < self.due {
            return Ok(());
        }
        self.save(state)
    }

    /// Keeps the state.
    pub(super) fn save(&mut self, state: &State) -> Result<()> {
        let text = serde_json::to_vec(state).map_err(Error::Answer)?;
        file::write(&self.path, &text)?;
        self.due = Instant::now() + PAUSE;
        Ok(())
    }

    /// Forgets a sweep that has come to its end.
    pub(super) fn forget(self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(Error::file("remove", &self.path)),
        }
    }
}

/// Numbers, as ranges without their ends: ascending, and none touches the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Adds a number.
    pub(super) fn insert(&mut self, number: u64) {
        let after = self.0.partition_point(|(first, _)| *first <= number);
        let touches_last = after > 0 && self.0[after - 1].1 >= number;
        let touches_next = self.0.get(after).is_some_and(|(first, _)| *first == number + 1);
        match (touches_last, touches_next) {
            (true, _) if self.0[after - 1].1 > number => {}
            (true, true) => self.0[after - 1].1 = self.0.remove(after).1,
            (true, false) => self.0[after - 1].1 = number + 1,
            (false, true) => self.0[after].0 = number,
            (false, false) => self.0.insert(after, (number, number + 1)),
        }
    }

    /// The first number from `number` on that is not in it.
    pub(super) fn gap(&self, number: u64) -> u64 {
        let after = self.0.partition_point(|(first, _)| *first <= number);
        after.checked_sub(1).map_or(number, |at| self.0[at].1.max(number))
    }

    /// How many numbers there are.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|(first, end)| end - first).sum()
    }

    fn is_sound(&self) -> bool {
        self.0.iter().all(|(first, end)| first < end) && self.0.is_sorted_by(|one, next| one.1 < next.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ranges_hold_what_was_put_in(numbers in prop::collection::vec(0_u64..60, 0..60)) {
            let mut ranges = Ranges::default();
            numbers.iter().for_each(|number| ranges.insert(*number));
            prop_assert!(ranges.is_sound());
            let all: BTreeSet<u64> = numbers.into_iter().collect();
            prop_assert_eq!(ranges.count(), all.len() as u64);
            for number in 0..61 {
                let expected = (number..).find(|n| !all.contains(n));
                prop_assert_eq!(Some(ranges.gap(number)), expected);
            }
        }
    }

    #[test]
    fn what_is_kept_comes_back_and_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = Kept::below(folder.path(), Digest::of(b"sweep")).unwrap();
        assert_eq!(kept.load().unwrap(), None);
        let mut state = State::default();
        state.done.insert(3);
        kept.save(&state).unwrap();
        assert_eq!(kept.load().unwrap(), Some(state));
        let damaged = |text: &str| {
            fs::write(&kept.path, text).unwrap();
            kept.load().is_err()
        };
        for text in ["", "{", r#"{"done":[[2,1]],"findings":[]}"#, r#"{"done":[[1,3],[2,4]],"findings":[]}"#]
        {
            assert!(damaged(text), "{text}");
        }
        kept.forget().unwrap();
        assert_eq!(fs::read_dir(folder.path().join("sweeps")).unwrap().count(), 0);
    }
}
