//! What a workload is run with: its recorded cases, or else what the command line gives.

use super::Wanted;
use crate::error::Result;
use crate::host::Question;
use orket_contract::id::WorkloadId;
use orket_contract::issue::Issue;
use orket_engine::Request;
use orket_engine::journal::case::{self, Case};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// One thing to run a workload with.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// The case that it is from.
    pub(super) case: Option<PathBuf>,
    question: Question,
}

impl Sample {
    /// What it is asked for with.
    pub(super) fn request(&self) -> Request {
        self.question.request()
    }

    /// Its input.
    pub(super) fn input(&self) -> &Value {
        &self.question.input
    }

    /// Its seed.
    pub(super) fn seed(&self) -> u64 {
        self.question.seed
    }

    /// The same with another input.
    pub(super) fn with_input(&self, input: Value) -> Self {
        Self { case: None, question: Question { input, ..self.question.clone() } }
    }

    /// The same with another seed.
    pub(super) fn with_seed(&self, seed: u64) -> Self {
        Self { case: None, question: Question { seed, ..self.question.clone() } }
    }

    /// Its name in evidence.
    pub(super) fn shown(&self) -> String {
        match &self.case {
            Some(case) => format!("case {}", case.file_name().unwrap_or_default().to_string_lossy()),
            None => format!("input {}", self.input()),
        }
    }
}

/// The samples of a workload, never none, and the cases that cannot be read.
///
/// # Errors
/// What cannot be read of the project.
pub(super) fn all(
    root: &Path,
    extension: &str,
    workload: &WorkloadId,
    wanted: &Wanted<'_>,
) -> Result<(Vec<Sample>, Vec<Issue>)> {
    let name = format!("{extension}/{workload}");
    let (mut samples, mut damaged) = (Vec::new(), Vec::new());
    for folder in case::all(root, Some(workload))? {
        match Case::load_of(&folder, &name) {
            Ok(case) => {
                samples.push(Sample { case: Some(folder), question: Question::of_case(case, &name) });
            }
            Err(error) => damaged.extend(error.issues()),
        }
    }
    if samples.is_empty() {
        samples.push(Sample { case: None, question: Question::of(wanted.asked, &name)? });
    }
    Ok((samples, damaged))
}
