//! Recorded cases: runs that are committed under `replays/<workload>/<case>/` and must repeat.
//!
//! A case holds what is needed to run again (`case.json`), what was recorded (transcript in plain
//! text, so that a change shows in review) and what it came to. The digest of the program is
//! information only: another toolchain is not a divergence.

use super::lines::PLAIN;
use super::{BLOBS, INDEX, Index, Recording};
use crate::capability::{Kv, Profile};
use crate::error::{Error, Phase};
use crate::registry::artifact::ArtifactList;
use crate::registry::{ARTIFACT_MANIFEST, Finished, PLAN, RESULT};
use crate::store;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::id::{ExtensionId, WorkloadId};
use orket_contract::issue::{Issue, Location};
use orket_contract::protocol::decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The file that describes a case.
pub const CASE: &str = "case.json";
/// The version of the format.
pub const FORMAT: u32 = 1;
/// The largest artifact that is kept in a case, in bytes (256 KiB); of larger ones the digest is.
pub(super) const KEPT_BYTES_MAX: u64 = 256 << 10;

/// What a case needs to run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The digest of the program that was recorded; information only.
    pub build: Digest,
    /// The extension.
    pub extension: ExtensionId,
    /// [`FORMAT`].
    pub format: u32,
    /// The input.
    pub input: Value,
    /// The snapshot that `kv` starts from.
    #[serde(default, skip_serializing_if = "Kv::is_empty")]
    pub kv: Kv,
    /// The profile that `memory` starts from.
    #[serde(default, skip_serializing_if = "Profile::is_empty")]
    pub memory: Profile,
    /// The lines that the console gives, then the end of input.
    pub script: Vec<String>,
    /// The seed, as a decimal string.
    #[serde(with = "decimal")]
    pub seed: u64,
    /// The workload.
    pub workload: WorkloadId,
}

/// The folder of a project's cases.
#[must_use]
pub fn folder(root: &Path) -> PathBuf {
    root.join("replays")
}

/// The folders of all cases of a project, sorted; of one workload where it is named.
///
/// # Errors
/// [`Error::Store`].
pub fn all(root: &Path, workload: Option<&WorkloadId>) -> Result<Vec<PathBuf>, Error> {
    let replays = folder(root);
    let mut cases = Vec::new();
    for group in folders(&replays)? {
        let wanted = workload.is_none_or(|id| group.file_name().is_some_and(|name| name == id.as_str()));
        if wanted {
            cases.extend(folders(&group)?);
        }
    }
    Ok(cases)
}

fn folders(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(path).map_err(Error::store("list", path))? {
        let entry = entry.map_err(Error::store("list", path))?;
        // A hidden folder is a case that was being recorded when its process ended.
        if entry.path().is_dir() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// `case.missing`, `case.invalid`.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(CASE);
        let place = Location { file: path.display().to_string(), line: 0, column: 0 };
        let refuse = |code, message: String| {
            Error::refused(Phase::Preflight, Issue::error(code, message).at(place.clone()))
        };
        if !path.exists() {
            return Err(refuse(code::CASE_MISSING, format!("there is no case in {}", folder.display())));
        }
        let bytes = store::read_bounded(&path, 64 << 20)
            .map_err(|error| refuse(code::CASE_INVALID, error.described()))?;
        let case: Self = serde_json::from_slice(&bytes)
            .map_err(|error| refuse(code::CASE_INVALID, format!("the case cannot be read: {error}")))?;
        if case.format != FORMAT {
            let message = format!("the case has format {}; this host reads {FORMAT}", case.format);
            return Err(refuse(code::CASE_INVALID, message));
        }
        Ok(case)
    }

    /// Reads a case of one workload, given as `extension/workload`.
    ///
    /// # Errors
    /// As [`Case::load`]; `case.invalid` when it was recorded of another workload.
    pub fn load_of(folder: &Path, workload: &str) -> Result<Self, Error> {
        let case = Self::load(folder)?;
        let recorded = format!("{}/{}", case.extension, case.workload);
        if recorded == workload {
            return Ok(case);
        }
        let place = Location { file: folder.join(CASE).display().to_string(), line: 0, column: 0 };
        let message = format!("the case was recorded of `{recorded}`, and lies with those of `{workload}`");
        Err(Error::refused(Phase::Preflight, Issue::error(code::CASE_INVALID, message).at(place)))
    }
}

/// The lines that `console` gave in a record: the script that gives them again.
fn script(recording: &Recording) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    for record in recording.records() {
        if record.cap.as_deref() == Some("console")
            && record.op.as_deref() == Some("read_line")
            && let (Ok(reply), _) = recording.answer(record)?
        {
            lines.extend(reply.value.as_str().map(str::to_owned));
        }
    }
    Ok(lines)
}

/// Records a finished run as a case in `target`, whole or not at all; an existing one is replaced
/// when `replace` is set.
///
/// # Errors
/// `case.exists`, [`Error::Store`].
pub fn record(run: &Finished, target: &Path, replace: bool) -> Result<(), Error> {
    if target.exists() && !replace {
        let issue = Issue::error(code::CASE_EXISTS, format!("{} exists already", target.display()))
            .with_hint("choose another name, or record it anew with `--bless`");
        return Err(Error::refused(Phase::Record, issue));
    }
    let above = target.parent().unwrap_or(Path::new("."));
    store::create_dir(above)?;
    let fresh =
        tempfile::Builder::new().prefix(".case-").tempdir_in(above).map_err(Error::store("create", above))?;
    let dir = fresh.path();
    write(run, dir)?;
    readable(dir)?;
    let aside = fresh.path().with_extension("old");
    let replaced = target.exists();
    if replaced {
        fs::rename(target, &aside).map_err(Error::store("replace", target))?;
    }
    if let Err(error) = fs::rename(dir, target) {
        // The case that was there comes back; there is nobody to tell if even that fails.
        let _ = fs::rename(&aside, target);
        return Err(Error::store("write", target)(error));
    }
    // The folder has moved: there is nothing left to remove.
    let _ = fresh.keep();
    if replaced { fs::remove_dir_all(&aside).map_err(Error::store("remove", &aside)) } else { Ok(()) }
}

fn write(run: &Finished, dir: &Path) -> Result<(), Error> {
    let source = run.folder();
    let recording = Recording::load(source)?;
    let plan = &run.plan;
    let case = Case {
        build: plan.build,
        extension: plan.extension.id.clone(),
        format: FORMAT,
        input: plan.input.clone(),
        kv: plan.kv.clone(),
        memory: plan.memory.clone(),
        script: script(&recording)?,
        seed: plan.seed,
        workload: plan.workload.clone(),
    };
    store::write_json(&dir.join(CASE), &case)?;
    let mut kept = json!({
        "input": plan.input, "kv_digest": plan.kv_digest, "materials": plan.materials,
        "plan": plan.plan, "plan_hash": plan.plan_hash, "seed": plan.seed.to_string(),
    });
    if let Some(digest) = plan.memory_digest {
        kept["memory_digest"] = json!(digest);
    }
    store::write_json(&dir.join(PLAN), &kept)?;
    let lines: String = (0..recording.index().count)
        .filter_map(|at| recording.line(at))
        .map(|line| format!("{line}\n"))
        .collect();
    store::write_whole(&dir.join(PLAIN), lines.as_bytes())?;
    // There is no compressed file in a case.
    store::write_json(&dir.join(INDEX), &Index { packed: None, ..recording.index().clone() })?;
    for name in [RESULT, ARTIFACT_MANIFEST] {
        copy(&source.join(name), &dir.join(name))?;
    }
    if source.join(BLOBS).exists() {
        store::create_dir(&dir.join(BLOBS))?;
        for entry in fs::read_dir(source.join(BLOBS)).map_err(Error::store("list", source))?.flatten() {
            copy(&entry.path(), &dir.join(BLOBS).join(entry.file_name()))?;
        }
    }
    keep_artifacts(&run.checked.artifacts, source, dir)
}

fn keep_artifacts(list: &ArtifactList, source: &Path, dir: &Path) -> Result<(), Error> {
    for file in list.files.iter().filter(|file| file.size <= KEPT_BYTES_MAX) {
        let target = dir.join(&file.path);
        store::create_dir(target.parent().unwrap_or(dir))?;
        copy(&source.join(&file.path), &target)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(|_| ()).map_err(Error::store("write", to))
}

/// A temporary folder is private; a committed one is for everybody.
#[cfg(unix)]
fn readable(folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(Error::store("write", folder))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> Result<(), Error> {
    Ok(())
}
