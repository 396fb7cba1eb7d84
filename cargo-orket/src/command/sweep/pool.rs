//! Looks at seeds on all cores: each worker has a series of its own and takes the next seed that nobody has.

use super::{Finding, Subject};
use crate::error::{Error, Result};
use orket_engine::journal::{Digests, Divergence, Place, compare};
use orket_engine::{ExtensionManager, Request, Series};
use serde_json::json;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::Sender;

/// What a worker says.
pub(super) enum Said {
    /// It has looked at the seed at a place.
    Looked(u64, Option<Finding>),
    /// Its runs are started without a box, for this reason.
    Without(String),
    /// It cannot go on.
    Failed(Error),
}

/// The places that are still to be looked at.
pub(super) struct Places<'a>(Mutex<Box<dyn Iterator<Item = u64> + Send + 'a>>);

impl<'a> Places<'a> {
    pub(super) fn new(places: impl Iterator<Item = u64> + Send + 'a) -> Self {
        Self(Mutex::new(Box::new(places)))
    }

    /// The next one.
    fn next(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    /// Nothing more is to be looked at.
    pub(super) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(std::iter::empty());
    }
}

/// Looks at one seed after the other until there is none left, or nobody listens.
pub(super) fn work(
    manager: &ExtensionManager,
    subject: &Subject<'_>,
    places: &Places<'_>,
    said: &Sender<Said>,
) {
    let mut told = false;
    let series = manager.series(&subject.name);
    let worked = series.map_err(Error::from).and_then(|mut series| {
        while let Some(place) = places.next() {
            let found = look(manager, &mut series, subject, subject.share.at(place));
            if manager.interrupt().fired() {
                // What it found may be the interruption's doing.
                return Ok(());
            }
            if let Some(why) = series.without_box().filter(|_| !told) {
                told = true;
                let _ = said.send(Said::Without(why));
            }
            if said.send(Said::Looked(place, found?)).is_err() {
                return Ok(());
            }
        }
        Ok(())
    });
    if let Err(error) = worked {
        // Whoever does not listen any more has ended for another reason.
        let _ = said.send(Said::Failed(error));
    }
}

/// Runs a seed as often as it is to be run.
fn look(
    manager: &ExtensionManager,
    series: &mut Series<'_>,
    subject: &Subject<'_>,
    seed: u64,
) -> Result<Option<Finding>> {
    let mut first = None;
    for _ in 0..subject.runs {
        let digests = match series.run(subject.request(seed), &mut ()) {
            Ok(digests) => digests,
            Err(orket_engine::Error::Refused { issues, .. }) => {
                return Ok(Some(Finding { issues, ..subject.finding(seed) }));
            }
            Err(error) => return Err(error.into()),
        };
        let first = *first.get_or_insert(digests);
        if first != digests {
            let divergence =
                Some(explained(manager, subject.request(seed), subject.request(seed), first, digests)?);
            return Ok(Some(Finding { divergence, ..subject.finding(seed) }));
        }
    }
    Ok(None)
}

/// Where two runs part. Of those that did, only digests are left, so others show it, where they part again.
fn explained(
    manager: &ExtensionManager,
    one: Request,
    other: Request,
    first: Digests,
    second: Digests,
) -> Result<Divergence> {
    let shown = || -> Result<_, orket_engine::Error> {
        let one = manager.execute(one, None, &mut ())?;
        compare(one.folder(), manager.execute(other, None, &mut ())?.folder())
    };
    let found = match shown() {
        Ok(found) => found,
        Err(orket_engine::Error::Refused { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let between = || Divergence::between(Place::Digests, Some(json!(first)), Some(json!(second)), Vec::new());
    Ok(found.unwrap_or_else(between))
}
