//! What a recorded run or case was asked for with.

use super::places::resolve;
use crate::args::{PlaceArgs, Selection};
use crate::error::Result;
use crate::report::Report;
use orket_engine::capability::{Kv, Profile};
use orket_engine::runs::RecordedRun;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What a recorded run was asked for with.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// `extension/workload`.
    pub(crate) workload: String,
    /// The seed.
    pub(crate) seed: u64,
    /// The input.
    pub(crate) input: Value,
    /// What `kv` started from.
    pub(crate) kv: Kv,
    /// The profile that `memory` started from.
    pub(crate) memory: Profile,
}

impl Recorded {
    /// Reads the run or case that is meant by a folder, a file in it, or a run's name.
    ///
    /// # Errors
    /// `case.missing`, `case.invalid`, `run.ambiguous`, `run.damaged`.
    pub(crate) fn find(meant: &Path, selection: &Selection, report: &Report) -> Result<Self> {
        let RecordedRun { folder, plan, .. } =
            RecordedRun::load(&resolve(meant, &PlaceArgs::of(None, selection), report)?)?;
        let workload = format!("{}/{}", plan.extension.id, plan.workload);
        Ok(Self { folder, workload, seed: plan.seed, input: plan.input, kv: plan.kv, memory: plan.memory })
    }
}
