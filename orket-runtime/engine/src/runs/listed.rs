//! What there is in a store, newest first.

use super::RecordedRun;
use crate::error::Error;
use crate::store::Store;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_contract::result::Status;
use serde::Serialize;
use std::cmp::Reverse;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// How many files of one run are counted: more than any run has.
const FILES_MAX: usize = 200_000;

/// How a run ended, or that it cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The workload did what it was asked for.
    Ok,
    /// The workload ended early on purpose.
    Stop,
    /// The record cannot be read.
    Damaged,
}

/// One run of a store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// The name of its folder.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The workload, as the folder above says.
    pub workload: String,
    /// The extension; none of a damaged run.
    pub extension: Option<String>,
    /// The seed, as a decimal string; none of a damaged run.
    pub seed: Option<String>,
    /// How it ended.
    pub state: State,
    /// When it started, as `2026-01-31T12:00:00Z`; of a damaged run as far as its name says.
    pub started: Option<String>,
    /// How many artifacts it has.
    pub artifacts: usize,
    /// The bytes of all of its files.
    pub bytes: u64,
    /// The digest of its provenance: equal runs share it.
    pub provenance: Option<Digest>,
    /// Why it is damaged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
}

/// All published runs of a store, newest first; of one workload where it is named.
///
/// # Errors
/// [`Error::Store`] when a folder cannot be listed. A run that vanishes meanwhile is no error.
pub fn list(store: &Store, workload: Option<&str>) -> Result<Vec<Listed>, Error> {
    let mut runs: Vec<Listed> = find(store, workload)?.into_iter().filter_map(read).collect();
    runs.sort_by_cached_key(|run| Reverse((run.started.clone(), run.name.clone())));
    Ok(runs)
}

/// The folders of all published runs of a store, the newest names first. Nothing in them is read.
///
/// # Errors
/// [`Error::Store`].
pub fn find(store: &Store, workload: Option<&str>) -> Result<Vec<PathBuf>, Error> {
    let mut runs = Vec::new();
    for group in folders(&store.dir().join("runs"))? {
        if workload.is_none_or(|wanted| wanted == name(&group)) {
            runs.extend(folders(&group)?);
        }
    }
    runs.sort_by_cached_key(|folder| Reverse(name(folder)));
    Ok(runs)
}

/// The folders in a folder; links are none.
fn folders(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries.map_err(Error::store("list", path))?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::store("list", path))?;
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

/// One run; none when it was removed while it was read.
fn read(folder: PathBuf) -> Option<Listed> {
    let loaded = RecordedRun::load(&folder);
    if !folder.exists() {
        return None;
    }
    let mut listed = Listed {
        name: name(&folder),
        started: started(&name(&folder)),
        bytes: size(&folder),
        workload: name(folder.parent().unwrap_or(Path::new(""))),
        folder,
        extension: None,
        seed: None,
        state: State::Damaged,
        artifacts: 0,
        provenance: None,
        issues: Vec::new(),
    };
    match loaded {
        Ok(run) => listed.take(&run),
        Err(error) => listed.issues = error.issues(),
    }
    Some(listed)
}

impl Listed {
    fn take(&mut self, run: &RecordedRun) {
        self.extension = Some(run.plan.extension.id.to_string());
        self.seed = Some(run.plan.seed.to_string());
        self.state = if run.result.status == Status::Stop { State::Stop } else { State::Ok };
        self.artifacts = run.artifacts.files.len();
        if let Some(facts) = &run.facts {
            self.started = Some(facts.started.clone());
            self.provenance = Some(facts.provenance);
        }
    }
}

/// `20260131T120000Z-…` as `2026-01-31T12:00:00Z`.
fn started(name: &str) -> Option<String> {
    let stamp = name.get(..16)?;
    let digits = |range: std::ops::Range<usize>| {
        let part = &stamp[range];
        part.bytes().all(|byte| byte.is_ascii_digit()).then_some(part)
    };
    let whole = stamp.is_ascii() && &stamp[8..9] == "T" && &stamp[15..] == "Z";
    let (year, month, day) = whole.then(|| Some((digits(0..4)?, digits(4..6)?, digits(6..8)?)))??;
    let (hour, minute, second) = (digits(9..11)?, digits(11..13)?, digits(13..15)?);
    Some(format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// The bytes of all files below a folder, links not followed.
fn size(folder: &Path) -> u64 {
    let (mut total, mut left, mut open) = (0, FILES_MAX, vec![folder.to_path_buf()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten().take(left) {
            left -= 1;
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => open.push(entry.path()),
                Ok(metadata) => total += metadata.len(),
                Err(_) => {}
            }
        }
    }
    total
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_run_says_when() {
        assert_eq!(started("20260131T120000Z-0a1b2c3d").as_deref(), Some("2026-01-31T12:00:00Z"));
        for other in ["", "20260131T120000", "2026013aT120000Z-x", "latest", "20260131x120000Z", "ééééééééé"]
        {
            assert_eq!(started(other), None, "{other}");
        }
    }
}
