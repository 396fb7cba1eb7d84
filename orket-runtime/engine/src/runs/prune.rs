//! Removes published runs, each whole or not at all.
//!
//! Invariants: only folders below `runs/` are touched, so nothing that runs and no case. A run leaves
//! by one rename into a stage of this process, which the next process sweeps if this one is ended;
//! nobody sees half of one. What a run came to stays in the ledger: a later run of the same identity
//! must still come to the same digests.

use super::{Listed, State, list};
use crate::clock;
use crate::error::Error;
use crate::journal::Ledger;
use crate::store::{Stage, Store};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

/// Which runs stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keep {
    /// How many of each workload, the newest readable ones.
    pub newest: Option<usize>,
    /// Those that started within this time.
    pub within: Option<Duration>,
    /// Every run of another workload than this.
    pub workload: Option<String>,
}

/// What was removed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pruned {
    /// The runs, newest first.
    pub runs: Vec<Listed>,
    /// The bytes of their files.
    pub bytes: u64,
    /// How many runs stay.
    pub kept: usize,
}

/// Removes what `keep` does not name; with `dry_run` it only says what that is.
///
/// # Errors
/// [`Error::Store`]; what was not removed then is still there, whole.
pub fn prune(store: &Store, keep: &Keep, dry_run: bool) -> Result<Pruned, Error> {
    if !store.dir().exists() {
        return Ok(Pruned { runs: Vec::new(), bytes: 0, kept: 0 });
    }
    let removed = if dry_run { None } else { Some(store.stage()?) };
    // Until the lock is dropped no run is published, and none is compared with an earlier one.
    let guard = store.lock()?;
    let all = list(store, keep.workload.as_deref())?;
    let total = all.len();
    let (stay, mut go) = keep.divide(all);
    if let Some(stage) = &removed {
        let ledger = Ledger::of(store);
        for run in &go {
            // First, so that no entry names a folder that is gone while an equal run is left.
            if let Some(equal) = stay.iter().find(|other| is_equal(run, other)) {
                ledger.rename(&run.name, &equal.name)?;
            }
        }
        go = go
            .into_iter()
            .map(|run| take(run, stage))
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect();
    }
    drop(guard);
    // The files are removed here, without the lock.
    drop(removed);
    Ok(Pruned { bytes: go.iter().map(|run| run.bytes).sum(), kept: total - go.len(), runs: go })
}

/// Moves a run out of sight; none when somebody else has removed it.
fn take(run: Listed, stage: &Stage) -> Result<Option<Listed>, Error> {
    let target = stage.dir().join(format!("{}-{}", run.workload, run.name));
    match fs::rename(&run.folder, target) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        moved => moved.map_err(Error::store("remove", &run.folder)).map(|()| Some(run)),
    }
}

/// Whether two runs are of one identity and came to the same.
fn is_equal(a: &Listed, b: &Listed) -> bool {
    let identity = |run: &Listed| run.name.split('-').nth(1).map(str::to_owned);
    a.workload == b.workload
        && a.provenance.is_some()
        && a.provenance == b.provenance
        && identity(a) == identity(b)
}

impl Keep {
    /// Those that stay and those that go, of runs newest first. A damaged run takes nobody's place.
    fn divide(&self, runs: Vec<Listed>) -> (Vec<Listed>, Vec<Listed>) {
        let now = clock::now();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        runs.into_iter().partition(|run| {
            let newer = seen.entry(run.workload.clone()).or_default();
            let is_among = self.newest.is_some_and(|newest| *newer < newest);
            *newer += usize::from(run.state != State::Damaged);
            let is_young = self.within.is_some_and(|within| age(run, now).is_none_or(|age| age <= within));
            is_among || is_young
        })
    }
}

/// How long ago a run started; none when that is not known.
fn age(run: &Listed, now: std::time::SystemTime) -> Option<Duration> {
    let started = humantime::parse_rfc3339(run.started.as_deref()?).ok()?;
    Some(now.duration_since(started).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(workload: &str, started: Option<&str>, state: State) -> Listed {
        Listed {
            name: String::new(),
            folder: "x".into(),
            workload: workload.to_owned(),
            extension: None,
            seed: None,
            state,
            started: started.map(str::to_owned),
            artifacts: 0,
            bytes: 1,
            provenance: None,
            issues: Vec::new(),
        }
    }

    #[track_caller]
    fn check(keep: &Keep, runs: &[Listed], stay: &[bool]) {
        let (stays, goes) = keep.divide(runs.to_vec());
        assert_eq!(stays.len(), stay.iter().filter(|stays| **stays).count(), "{keep:?}: {stays:?}");
        assert_eq!(goes.len(), runs.len() - stays.len());
        for (run, stay) in runs.iter().zip(stay) {
            assert_eq!(stays.contains(run), *stay, "{run:?}");
        }
    }

    #[test]
    fn runs_stay_by_number_and_by_age() {
        let old = Some("2001-01-01T00:00:00Z");
        let runs = [
            run("a", Some("2999-01-01T00:00:00Z"), State::Ok),
            run("a", Some("2998-01-01T00:00:00Z"), State::Damaged),
            run("b", old, State::Ok),
            run("a", old, State::Stop),
            run("a", Some("2000-01-01T00:00:00Z"), State::Damaged),
            run("c", None, State::Damaged),
        ];
        let year = Some(Duration::from_secs(365 * 86_400));
        check(&Keep { newest: Some(1), ..Keep::default() }, &runs, &[true, false, true, false, false, true]);
        check(&Keep { newest: Some(2), ..Keep::default() }, &runs, &[true, true, true, true, false, true]);
        check(&Keep { newest: Some(0), ..Keep::default() }, &runs, &[false; 6]);
        check(&Keep { within: year, ..Keep::default() }, &runs, &[true, true, false, false, false, true]);
        let both = Keep { newest: Some(2), within: year, workload: None };
        check(&both, &runs, &[true, true, true, true, false, true]);
    }
}
