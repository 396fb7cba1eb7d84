//! Finds, checks and stages the files that a workload declares. Nothing of the author's has run yet.
//!
//! Invariant: a file is read only if it lies below the project's root, or below what the operator provides under its
//! name, after all links are resolved, and through the very path that was resolved.

mod find;
mod open;
mod outside;
#[cfg(all(test, unix))]
mod tests;

pub(crate) use find::find;
pub(crate) use open::Opened;
pub(crate) use outside::Outside;
pub use outside::{below, provided};

use crate::error::{Error, Phase};
use crate::store;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::Issue;
use orket_contract::limit::MATERIAL_BYTES_MAX;
use orket_contract::manifest::Material;
use outside::{Located, locate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, FileTimes};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file as it was staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagedMaterial {
    /// Its path below the project root and below `workspace/`, with `/`.
    pub path: String,
    /// The digest of its bytes.
    pub sha256: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// Copies the declared materials of a project, and those that are provided for it, into `workspace`, sorted by path.
///
/// # Errors
/// `material.path`, `material.missing`, `material.dangling`, `material.escapes`, `material.special`,
/// `material.too-large`, `material.changed`: all that are found.
pub(crate) fn stage(
    project: &Path,
    outside: &Outside,
    declared: &[Material],
    workspace: &Path,
) -> Result<Vec<StagedMaterial>, Error> {
    let mut files: BTreeMap<String, (PathBuf, String, Option<&str>)> = BTreeMap::new();
    let (mut staged, mut issues) = (Vec::new(), Vec::new());
    for material in declared {
        let (located, refused) = locate(project, outside, &material.path);
        issues.extend(refused);
        for Located { name, root, path } in located {
            let (_, _, wanted) = files.entry(name).or_insert((root, path, None));
            *wanted = wanted.or(material.sha256.as_deref());
        }
    }
    for (name, (root, path, wanted)) in files {
        match open::open(&root, &path) {
            Ok(opened) => match copy(&opened, &name, workspace)? {
                Ok(material) => {
                    issues.extend(changed(&material, wanted));
                    staged.push(material);
                }
                Err(issue) => issues.push(issue),
            },
            Err(fault) => issues.push(fault.issue(&name)),
        }
    }
    if issues.is_empty() { Ok(staged) } else { Err(Error::Refused { phase: Phase::Preflight, issues }) }
}

/// Copies and digests an open file; an issue when it is too large, or changes meanwhile.
fn copy(source: &Opened, path: &str, workspace: &Path) -> Result<Result<StagedMaterial, Issue>, Error> {
    if source.size() > MATERIAL_BYTES_MAX {
        return Ok(Err(too_large(path)));
    }
    let (from, to) = (source.path(), workspace.join(path));
    if let Some(above) = to.parent() {
        store::create_dir(above)?;
    }
    let mut bytes = source.file().take(MATERIAL_BYTES_MAX + 1);
    let mut target = File::create_new(&to).map_err(Error::store("write", &to))?;
    let (mut hasher, mut size) = (Hasher::default(), 0);
    let mut chunk = vec![0; 64 << 10];
    loop {
        let read = bytes.read(&mut chunk).map_err(Error::store("read", from))?;
        if read == 0 {
            break;
        }
        size += read as u64;
        hasher.update(&chunk[..read]);
        target.write_all(&chunk[..read]).map_err(Error::store("write", &to))?;
    }
    if size > MATERIAL_BYTES_MAX {
        return Ok(Err(too_large(path)));
    }
    if !source.is_unchanged() {
        let message = format!("the material `{path}` changed while it was staged");
        return Ok(Err(Issue::error(code::MATERIAL_CHANGED, message).with_hint("run again once it rests")));
    }
    seal(&target, &to)?;
    Ok(Ok(StagedMaterial { path: path.to_owned(), sha256: hasher.finish(), size }))
}

fn too_large(path: &str) -> Issue {
    let message = format!("the material `{path}` has more than {MATERIAL_BYTES_MAX} bytes");
    Issue::error(code::MATERIAL_TOO_LARGE, message)
}

/// Makes a staged file read-only and gives it a time that says nothing.
fn seal(file: &File, path: &Path) -> Result<(), Error> {
    let epoch = FileTimes::new().set_accessed(SystemTime::UNIX_EPOCH).set_modified(SystemTime::UNIX_EPOCH);
    file.set_times(epoch).map_err(Error::store("write", path))?;
    let mut permissions = file.metadata().map_err(Error::store("write", path))?.permissions();
    permissions.set_readonly(true);
    file.set_permissions(permissions).map_err(Error::store("write", path))
}

fn changed(material: &StagedMaterial, wanted: Option<&str>) -> Option<Issue> {
    let wanted = wanted?;
    let actual = material.sha256.to_string();
    (actual != wanted).then(|| {
        let message =
            format!("the material `{}` has the digest {actual}, declared is {wanted}", material.path);
        Issue::error(code::MATERIAL_CHANGED, message).with_hint("restore the file, or declare the new digest")
    })
}

/// The digest over a list of staged materials.
///
/// # Errors
/// Never for a list made by [`stage`]: a size is within JSON's integers.
pub(crate) fn digest(staged: &[StagedMaterial]) -> Result<Digest, Error> {
    Digest::within_json(orket_contract::digest::domain::MATERIALS, staged)
        .map_err(|fault| Error::refused(Phase::Preflight, Issue::error(fault.code, fault.message)))
}
