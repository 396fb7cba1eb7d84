//! The files that a run left: found, hashed, and compared with what its result lists.
//!
//! Invariants: nothing is opened through a link, nothing that is not a regular file is read, and
//! every file in the artifact folder is listed or the run is refused.

use crate::beneath;
use crate::error::{Error, Phase};
use crate::permissions::Policy;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher, domain};
use orket_contract::issue::Issue;
use orket_contract::limit::{ARTIFACT_BYTES_MAX, ARTIFACTS_MAX};
use orket_contract::result::ArtifactRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The folder of the guest's artifacts, and of the host's clips.
pub(crate) const FOLDERS: [&str; 2] = ["artifacts", "audio"];

/// One file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactFile {
    /// What it is, where the workload said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its path below the run's folder, with `/`.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// `artifact_manifest.json`: every file of a run that is its result, sorted by path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactList {
    /// The digest over `files`.
    pub digest: Digest,
    /// The files.
    pub files: Vec<ArtifactFile>,
}

/// Hashes one artifact below `folder`.
///
/// # Errors
/// `artifact.absolute`, `artifact.traversal`, `artifact.linked`, `artifact.special`,
/// `artifact.missing`, `artifact.too-large`.
pub fn hash(folder: &Path, path: &str, bytes_max: u64) -> Result<ArtifactRef, Issue> {
    check_path(path)?;
    let mut file = open(folder, path)?;
    let (sha256, size) = digest(&mut file, bytes_max).map_err(|fault| fault.issue(path))?;
    Ok(ArtifactRef { path: path.to_owned(), sha256: sha256.to_string(), size, kind: None })
}

/// The bytes of an artifact below `folder` that is there and can be read without following a link.
pub(crate) fn read(folder: &Path, path: &str) -> Option<Vec<u8>> {
    let file = open_listed(folder, path).ok()?;
    let mut bytes = Vec::new();
    file.take(ARTIFACT_BYTES_MAX + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= ARTIFACT_BYTES_MAX).then_some(bytes)
}

/// Opens an artifact below `folder` that is a regular file, without following a link.
pub(crate) fn open_listed(folder: &Path, path: &str) -> Result<File, Issue> {
    check_path(path)?;
    let file = open(folder, path)?;
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) { Ok(file) } else { Err(special(path)) }
}

/// Refuses a path that is not a portable one below a folder.
fn check_path(path: &str) -> Result<(), Issue> {
    if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        return Err(Issue::error(code::ARTIFACT_ABSOLUTE, format!("the artifact path `{path}` is absolute"))
            .with_hint("a path is relative to the artifact folder"));
    }
    let portable = |segment: &str| !matches!(segment, "" | "." | "..") && segment.len() <= 255;
    let plain = !path.contains('\\') && !path.chars().any(char::is_control);
    if plain && path.len() <= 1024 && path.split('/').all(portable) {
        return Ok(());
    }
    let shown = path.escape_debug();
    Err(Issue::error(
        code::ARTIFACT_TRAVERSAL,
        format!("the artifact path `{shown}` is not a plain path below the folder"),
    )
    .with_hint("a path has no empty, `.` or `..` segment, no backslash and no control character"))
}

/// Opens a file below a folder without following any link.
fn open(folder: &Path, path: &str) -> Result<File, Issue> {
    beneath::open(folder, path).map_err(|fault| match fault {
        beneath::Fault::Linked => {
            Issue::error(code::ARTIFACT_LINKED, format!("the artifact `{path}` is reached through a link"))
        }
        beneath::Fault::Special => special(path),
        beneath::Fault::Refused(error) => {
            Issue::error(code::ARTIFACT_MISSING, format!("the artifact `{path}` cannot be opened: {error}"))
        }
    })
}

fn special(path: &str) -> Issue {
    Issue::error(code::ARTIFACT_SPECIAL, format!("the artifact `{path}` is not a regular file"))
}

/// Why a file has no digest.
enum Fault {
    Special,
    TooLarge(u64),
    Unreadable(std::io::Error),
}

impl Fault {
    fn issue(self, path: &str) -> Issue {
        match self {
            Self::Special => special(path),
            Self::TooLarge(max) => Issue::error(
                code::ARTIFACT_TOO_LARGE,
                format!("the artifact `{path}` has more than {max} bytes"),
            ),
            Self::Unreadable(error) => {
                Issue::error(code::ARTIFACT_MISSING, format!("the artifact `{path}` cannot be read: {error}"))
            }
        }
    }
}

fn digest(file: &mut File, bytes_max: u64) -> Result<(Digest, u64), Fault> {
    if !file.metadata().map_err(Fault::Unreadable)?.is_file() {
        return Err(Fault::Special);
    }
    let (mut hasher, mut size, mut chunk) = (Hasher::default(), 0u64, vec![0; 64 << 10]);
    loop {
        let read = file.read(&mut chunk).map_err(Fault::Unreadable)?;
        if read == 0 {
            return Ok((hasher.finish(), size));
        }
        size += read as u64;
        if size > bytes_max {
            return Err(Fault::TooLarge(bytes_max));
        }
        hasher.update(&chunk[..read]);
    }
}

/// Lists every file of a run and compares the guest's with what its result names.
///
/// # Errors
/// `artifact.*`, all that are found. The guest is gone: what is hashed here is what is published.
pub(crate) fn list(stage: &Path, listed: &[ArtifactRef], policy: &Policy) -> Result<ArtifactList, Error> {
    let refuse = |issues| Error::Refused { phase: Phase::Check, issues };
    let paths = found(stage).map_err(|issue| refuse(vec![issue]))?;
    let (mut files, mut issues) = (Vec::new(), Vec::new());
    let references = listed;
    let mut listed = BTreeMap::new();
    for reference in references {
        if listed.insert(format!("artifacts/{}", reference.path), reference).is_some() {
            let message = format!("the result lists the artifact `{}` twice", reference.path.escape_debug());
            issues.push(Issue::error(code::RESULT_SHAPE, message));
        }
    }
    for path in paths {
        let reference = listed.remove(&path);
        match entry(stage, path, reference, policy) {
            Ok(file) => files.push(file),
            Err(issue) => issues.push(issue),
        }
    }
    issues.extend(listed.values().map(|artifact| absent(stage, artifact)));
    issues.extend(too_much(&files, policy));
    if !issues.is_empty() {
        return Err(refuse(issues));
    }
    let digest = Digest::within_json(domain::ARTIFACTS, &files)
        .map_err(|fault| refuse(vec![Issue::error(fault.code, fault.message)]))?;
    Ok(ArtifactList { digest, files })
}

fn too_much(files: &[ArtifactFile], policy: &Policy) -> Option<Issue> {
    let total: u64 = files.iter().map(|file| file.size).sum();
    (total > policy.artifacts_bytes_max).then(|| {
        let message = format!(
            "the artifacts have {total} bytes together; at most {} are allowed",
            policy.artifacts_bytes_max
        );
        Issue::error(code::ARTIFACT_TOO_LARGE, message)
    })
}

/// Why a listed artifact is not there: its path may be the reason.
fn absent(stage: &Path, artifact: &ArtifactRef) -> Issue {
    match hash(&stage.join(FOLDERS[0]), &artifact.path, u64::MAX) {
        Err(issue) => issue,
        Ok(_) => {
            Issue::error(code::ARTIFACT_TRAVERSAL, format!("the artifact `{}` is named oddly", artifact.path))
        }
    }
}

fn entry(
    stage: &Path,
    path: String,
    listed: Option<&ArtifactRef>,
    policy: &Policy,
) -> Result<ArtifactFile, Issue> {
    let mut file = open(stage, &path)?;
    let (sha256, size) = digest(&mut file, policy.artifact_bytes_max).map_err(|fault| fault.issue(&path))?;
    let ours = path.starts_with("audio/");
    match listed {
        None if !ours => {
            Err(Issue::error(code::ARTIFACT_UNLISTED, format!("the result does not list `{path}`"))
                .with_hint("write artifacts through `ctx.artifacts`"))
        }
        Some(reference) if reference.sha256 != sha256.to_string() || reference.size != size => {
            let message = format!("`{path}` has the digest {sha256}, the result says {}", reference.sha256);
            Err(Issue::error(code::ARTIFACT_MISMATCH, message))
        }
        _ => Ok(ArtifactFile { kind: listed.and_then(|listed| listed.kind.clone()), path, sha256, size }),
    }
}

/// Every path below the artifact folders that is no folder, sorted.
pub(crate) fn found(stage: &Path) -> Result<Vec<String>, Issue> {
    let (mut paths, mut seen) = (Vec::new(), 0);
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        let unreadable = |error| Fault::Unreadable(error).issue(&folder.display().to_string());
        let entries = match fs::read_dir(stage.join(&folder)) {
            // The host makes the folder of clips with the first one.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(unreadable)?,
        };
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            let path = folder.join(entry.file_name());
            let Some(text) = path.to_str() else {
                let message = format!("the artifact path {} is not UTF-8", path.display());
                return Err(Issue::error(code::ARTIFACT_TRAVERSAL, message));
            };
            check_path(text)?;
            let kind = entry.file_type().map_err(|error| Fault::Unreadable(error).issue(text))?;
            if kind.is_symlink() {
                return Err(Issue::error(code::ARTIFACT_LINKED, format!("the artifact `{text}` is a link")));
            } else if kind.is_dir() {
                folders.push(path);
            } else {
                paths.push(text.to_owned());
            }
            seen += 1;
            if seen > ARTIFACTS_MAX {
                let message = format!("a run has at most {ARTIFACTS_MAX} artifacts and folders of them");
                return Err(Issue::error(code::ARTIFACT_TOO_MANY, message));
            }
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("temp dir");
        fs::create_dir(dir.path().join("artifacts")).expect("folder");
        fs::write(dir.path().join("artifacts/good"), "good").expect("file");
        fs::write(dir.path().join("secret"), "secret").expect("file");
        dir
    }

    #[track_caller]
    fn check(dir: &Path, path: &str, expected: &str) {
        let code = hash(&dir.join("artifacts"), path, 8).err().map(|issue| issue.code);
        assert_eq!(code.as_deref(), Some(expected), "{path}");
    }

    #[test]
    fn every_way_out_has_its_own_code() {
        let dir = folder();
        let artifacts = dir.path().join("artifacts");
        symlink("../secret", artifacts.join("link")).expect("link");
        symlink("..", artifacts.join("up")).expect("link");
        fs::write(artifacts.join("large"), "123456789").expect("file");
        fs::create_dir(artifacts.join("dir")).expect("folder");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            artifacts.join("fifo"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .expect("fifo");
        check(dir.path(), "/etc/passwd", code::ARTIFACT_ABSOLUTE);
        check(dir.path(), "../secret", code::ARTIFACT_TRAVERSAL);
        check(dir.path(), "a\\b", code::ARTIFACT_TRAVERSAL);
        check(dir.path(), "", code::ARTIFACT_TRAVERSAL);
        check(dir.path(), "link", code::ARTIFACT_LINKED);
        check(dir.path(), "up/secret", code::ARTIFACT_LINKED);
        check(dir.path(), "fifo", code::ARTIFACT_SPECIAL);
        check(dir.path(), "dir", code::ARTIFACT_SPECIAL);
        check(dir.path(), "large", code::ARTIFACT_TOO_LARGE);
        check(dir.path(), "absent", code::ARTIFACT_MISSING);
        assert_eq!(hash(&artifacts, "good", 8).expect("digest").size, 4);
    }

    #[test]
    fn a_folder_that_cannot_be_listed_is_not_passed_over() {
        let dir = folder();
        fs::write(dir.path().join("audio"), "no folder").expect("file");
        let good = hash(&dir.path().join("artifacts"), "good", 8).expect("digest");
        let error = list(dir.path(), &[good], &Policy::default()).expect_err("refused");
        assert_eq!(error.issues()[0].code, code::ARTIFACT_MISSING);
    }

    #[test]
    fn what_is_listed_is_there_and_what_is_there_is_listed() {
        let dir = folder();
        let policy = Policy::default();
        let good = hash(&dir.path().join("artifacts"), "good", 8).expect("digest");
        let files = list(dir.path(), std::slice::from_ref(&good), &policy).expect("list").files;
        assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["artifacts/good"]);
        let codes = |listed: &[ArtifactRef]| -> Vec<String> {
            list(dir.path(), listed, &policy)
                .expect_err("refused")
                .issues()
                .into_iter()
                .map(|issue| issue.code)
                .collect()
        };
        assert_eq!(codes(&[]), [code::ARTIFACT_UNLISTED]);
        let wrong = ArtifactRef { size: 5, ..good.clone() };
        assert_eq!(codes(&[wrong]), [code::ARTIFACT_MISMATCH]);
        let gone = ArtifactRef { path: "gone".into(), ..good.clone() };
        assert_eq!(codes(&[good.clone(), gone]), [code::ARTIFACT_MISSING]);
        assert_eq!(codes(&[good.clone(), good.clone()]), [code::RESULT_SHAPE]);
        let policy = Policy { artifacts_bytes_max: 3, ..Policy::default() };
        let error = list(dir.path(), &[good], &policy).expect_err("refused");
        assert_eq!(error.issues()[0].code, code::ARTIFACT_TOO_LARGE);
    }
}
