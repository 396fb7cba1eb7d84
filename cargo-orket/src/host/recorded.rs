//! Runs and cases that were recorded, found by folder or by name.

use crate::args::Selection;
use crate::error::{Error, Result};
use crate::project;
use crate::report::Report;
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use orket_engine::capability::Kv;
use orket_engine::journal::case::{self, Case};
use orket_engine::registry::PLAN;
use serde::Deserialize;
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
}

/// The part of a run's plan that says what it was asked for with.
#[derive(Deserialize)]
struct Plan {
    extension: Extension,
    input: Value,
    #[serde(with = "orket_contract::protocol::decimal")]
    seed: u64,
    #[serde(default)]
    kv: Kv,
    workload: String,
}

#[derive(Deserialize)]
struct Extension {
    id: String,
}

impl Recorded {
    /// Reads the run or case that is meant by a folder, a file in it, or a run's name.
    ///
    /// # Errors
    /// `case.missing`, `case.invalid`.
    pub(crate) fn find(meant: &Path, selection: &Selection, report: &Report) -> Result<Self> {
        let folder = match meant {
            file if file.is_file() => file
                .parent()
                .filter(|folder| *folder != Path::new(""))
                .unwrap_or(Path::new("."))
                .to_path_buf(),
            folder if folder.is_dir() => folder.to_path_buf(),
            name => by_name(name, selection, report)?,
        };
        if folder.join(case::CASE).is_file() { of_case(folder) } else { of_run(folder) }
    }
}

fn of_case(folder: PathBuf) -> Result<Recorded> {
    let Case { extension, workload, seed, input, kv, .. } = Case::load(&folder)?;
    Ok(Recorded { folder, workload: format!("{extension}/{workload}"), seed, input, kv })
}

fn of_run(folder: PathBuf) -> Result<Recorded> {
    let path = folder.join(PLAN);
    let place = Location { file: path.display().to_string(), ..Location::default() };
    if !path.is_file() {
        let message = format!("{} is not the folder of a run or case", folder.display());
        return Err(Issue::error(code::CASE_MISSING, message).at(place).into());
    }
    let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
    let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| {
        Issue::error(code::CASE_INVALID, format!("the plan of the run cannot be read: {error}")).at(place)
    })?;
    let workload = format!("{}/{}", plan.extension.id, plan.workload);
    Ok(Recorded { folder, workload, seed: plan.seed, input: plan.input, kv: plan.kv })
}

/// A run below `.orket/runs`, or a case below `replays`, of an extension here.
fn by_name(name: &Path, selection: &Selection, report: &Report) -> Result<PathBuf> {
    let missing = |hint: &str| {
        let message = format!("there is no folder, run or case `{}`", name.display());
        Error::from(Issue::error(code::CASE_MISSING, message).with_hint(hint))
    };
    if name.components().count() != 1 {
        return Err(missing("give the folder of a run, as `cargo orket run` prints it"));
    }
    let mut found = Vec::new();
    for extension in project::discover(selection, report)?.extensions {
        for above in [extension.root.join(".orket/runs"), extension.root.join("replays")] {
            let workloads = std::fs::read_dir(above).into_iter().flatten().flatten();
            found.extend(
                workloads.map(|workload| workload.path().join(name)).filter(|folder| folder.is_dir()),
            );
        }
    }
    match found.as_slice() {
        [] => Err(missing("runs lie below `.orket/runs/`, cases below `replays/`")),
        [only] => Ok(only.clone()),
        several => {
            let list: Vec<_> = several.iter().map(|folder| folder.display().to_string()).collect();
            Err(missing(&format!("several have that name; say which one: {}", list.join(", "))))
        }
    }
}
