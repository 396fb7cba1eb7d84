//! What a workload is run with: its recorded cases, or else what the command line gives.

use super::Wanted;
use crate::error::Result;
use crate::host::Console;
use orket_contract::id::WorkloadId;
use orket_contract::issue::Issue;
use orket_engine::Request;
use orket_engine::capability::{Kv, Profile};
use orket_engine::journal::case::{self, Case};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// One thing to run a workload with.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// The case that it is from.
    pub(super) case: Option<PathBuf>,
    pub(super) input: Value,
    kv: Kv,
    memory: Profile,
    script: Vec<String>,
    pub(super) seed: u64,
    workload: String,
}

impl Sample {
    /// What it is asked for with.
    pub(super) fn request(&self) -> Request {
        Request {
            workload: self.workload.clone(),
            seed: self.seed,
            input: self.input.clone(),
            kv: self.kv.clone(),
            console: Console::silent(&self.script),
            memory: self.memory.clone(),
            screen: None,
            silent: true,
            probe: None,
        }
    }

    /// The same with another input.
    pub(super) fn with_input(&self, input: Value) -> Self {
        Self { case: None, input, ..self.clone() }
    }

    /// The same with another seed.
    pub(super) fn with_seed(&self, seed: u64) -> Self {
        Self { case: None, seed, ..self.clone() }
    }

    /// Its name in evidence.
    pub(super) fn shown(&self) -> String {
        match &self.case {
            Some(case) => format!("case {}", case.file_name().unwrap_or_default().to_string_lossy()),
            None => format!("input {}", self.input),
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
            Ok(case) => samples.push(of_case(case, folder, &name)),
            Err(error) => damaged.extend(error.issues()),
        }
    }
    if samples.is_empty() {
        let asked = wanted.asked;
        samples.push(Sample {
            case: None,
            input: asked.input.clone(),
            kv: asked.kv.clone(),
            memory: asked.memory.clone(),
            script: asked.script.lines()?,
            seed: asked.seed,
            workload: name,
        });
    }
    Ok((samples, damaged))
}

fn of_case(case: Case, folder: PathBuf, name: &str) -> Sample {
    let Case { input, kv, memory, script, seed, .. } = case;
    Sample { case: Some(folder), input, kv, memory, script, seed, workload: name.to_owned() }
}
