//! What runs are compared with.

use super::Seen;
use super::search::is_inconclusive;
use crate::error::Error;
use crate::journal::{Divergence, Place, compare};
use crate::manager::{Repeated, Witnessed};
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What every run must come to.
#[derive(Debug)]
pub enum Reference {
    /// What was recorded.
    Recorded(PathBuf),
    /// The first run.
    First(Witnessed),
    /// The refusal of the first run.
    Refused(Issue),
}

impl Reference {
    /// The first run as a reference, and how it looks.
    ///
    /// # Errors
    /// What keeps the host from running it, and what says nothing about it.
    pub fn first(ran: Result<Witnessed, Error>) -> Result<(Self, Seen), Error> {
        let ran = refusal(ran)?;
        let seen = look(&ran, None);
        Ok((ran.map_or_else(Self::Refused, Self::First), seen))
    }

    /// The folder of the record or run.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Recorded(folder) => Some(folder),
            Self::First(witnessed) => Some(witnessed.folder()),
            Self::Refused(_) => None,
        }
    }

    /// How a run looks against this.
    ///
    /// # Errors
    /// As [`Reference::first`]; what keeps either from being read.
    pub fn see(&self, ran: Result<Witnessed, Error>) -> Result<Seen, Error> {
        let ran = refusal(ran)?;
        let divergence = match (self, &ran) {
            (Self::Recorded(folder), Ok(witnessed)) => compare(folder, witnessed.folder())?,
            (Self::First(first), Ok(witnessed)) => compare(first.folder(), witnessed.folder())?,
            (Self::Refused(first), ran) => {
                endings(ending(first), ran.as_ref().map_or_else(ending, |_| result()))
            }
            (_, Err(issue)) => endings(result(), ending(issue)),
        };
        Ok(look(&ran, divergence))
    }

    /// How a replay of a record looks.
    ///
    /// # Errors
    /// As [`Reference::see`].
    pub fn see_repeated(ran: Result<Repeated, Error>) -> Result<Seen, Error> {
        let mut lacks = Vec::new();
        let divergence = match ran {
            Ok(repeated) => {
                lacks = repeated.lacks;
                repeated.divergence
            }
            Err(error) if is_inconclusive(&error) => return Err(error),
            Err(Error::Refused { issues, .. }) => {
                issues.first().and_then(|issue| endings(result(), ending(issue)))
            }
            Err(error) => return Err(error),
        };
        Ok(Seen { digest: digest(&json!(divergence)), divergence, refusal: None, status: None, lacks })
    }
}

/// A run, or why it was refused.
fn refusal(ran: Result<Witnessed, Error>) -> Result<Result<Witnessed, Issue>, Error> {
    match ran {
        Ok(witnessed) => Ok(Ok(witnessed)),
        Err(error) if is_inconclusive(&error) => Err(error),
        // What was refused before the program began says nothing about the program.
        Err(Error::Refused { phase, issues }) if phase >= crate::Phase::Spawn => {
            let error = Error::Refused { phase, issues };
            error.issues().into_iter().next().map_or(Err(error), |issue| Ok(Err(issue)))
        }
        Err(error) => Err(error),
    }
}

/// How a run looks that parts there from what it is compared with.
fn look(ran: &Result<Witnessed, Issue>, divergence: Option<Divergence>) -> Seen {
    let value = ran.as_ref().map_or_else(ending, |witnessed| json!(witnessed.digests()));
    let status = ran.as_ref().ok().map(Witnessed::status);
    let lacks = ran.as_ref().map_or_else(|_| Vec::new(), |witnessed| witnessed.lacks().to_vec());
    Seen { digest: digest(&value), divergence, refusal: ran.as_ref().err().cloned(), status, lacks }
}

/// How two runs ended of which one at least gave no result, where that differs.
fn endings(expected: Value, actual: Value) -> Option<Divergence> {
    let differ = expected != actual;
    differ.then(|| Divergence::between(Place::Ending, Some(expected), Some(actual), Vec::new()))
}

fn result() -> Value {
    json!({ "refused": false })
}

fn ending(issue: &Issue) -> Value {
    json!({ "code": issue.code, "message": issue.message, "refused": true })
}

fn digest(value: &Value) -> Digest {
    Digest::of(value.to_string().as_bytes())
}
