//! The files of an extension in Python: all that lie below its root, bounded, none from elsewhere.
//!
//! Left out is what is hidden, what was recorded or built (`replays`, `target`) and what an interpreter makes by
//! itself (`__pycache__`).

use crate::materials::Opened;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::{Issue, Location};
use orket_contract::{code, material};
use serde::Serialize;
use std::io::Read;
use std::path::Path;

/// The most files of an extension.
const FILES_MAX: usize = 2_000;
/// The most bytes that they may have together (64 MiB).
const BYTES_MAX: u64 = 64 << 20;
/// The deepest folder.
const DEPTH_MAX: usize = 16;
/// Folders that are not of the extension, wherever they lie.
const LEFT_OUT: [&str; 4] = ["__pycache__", "node_modules", "replays", "target"];

/// One file, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Source {
    /// Its path below the root, with `/`.
    pub(super) path: String,
    pub(super) sha256: Digest,
    pub(super) size: u64,
}

/// Every file, sorted by path.
pub(super) fn collect(root: &Path) -> Result<Vec<Source>, Vec<Issue>> {
    let mut paths = Vec::new();
    list(root, "", DEPTH_MAX, &mut paths).map_err(|issue| vec![at(root, issue)])?;
    paths.sort();
    let (mut sources, mut issues, mut left) = (Vec::new(), Vec::new(), BYTES_MAX);
    for path in paths {
        match read(root, path, left) {
            Ok(source) => {
                left -= source.size;
                sources.push(source);
            }
            Err(issue) => issues.push(issue),
        }
    }
    if issues.is_empty() { Ok(sources) } else { Err(issues) }
}

fn at(root: &Path, issue: Issue) -> Issue {
    issue.at(Location { file: root.display().to_string(), ..Location::default() })
}

fn list(root: &Path, above: &str, depth: usize, paths: &mut Vec<String>) -> Result<(), Issue> {
    let folder = root.join(above);
    let failed = |error: std::io::Error| {
        Issue::error(code::MATERIAL_MISSING, format!("the folder `{above}` cannot be listed: {error}"))
    };
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| {
            Issue::error(code::MATERIAL_PATH, format!("the name of {} is not UTF-8", entry.path().display()))
        })?;
        if name.starts_with('.') || LEFT_OUT.contains(&name) {
            continue;
        }
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        if entry.file_type().map_err(failed)?.is_dir() {
            let deeper = depth.checked_sub(1).ok_or_else(|| {
                Issue::error(
                    code::MATERIAL_TOO_LARGE,
                    format!("folders nest deeper than {DEPTH_MAX} levels at `{path}`"),
                )
            })?;
            list(root, &path, deeper, paths)?;
        } else {
            taken(&path)?;
            paths.push(path);
        }
        if paths.len() > FILES_MAX {
            let message = format!("the extension has more than {FILES_MAX} files");
            return Err(Issue::error(code::MATERIAL_TOO_LARGE, message));
        }
    }
    Ok(())
}

/// Refuses a name that would be a pattern, or none that every system has.
fn taken(path: &str) -> Result<(), Issue> {
    let fault = material::check(path).err().map(|fault| fault.to_string());
    let fault = fault.or_else(|| path.contains('*').then(|| "a source has no `*` in its name".to_owned()));
    match fault {
        Some(fault) => Err(Issue::error(code::MATERIAL_PATH, format!("`{}`: {fault}", path.escape_debug()))),
        None => Ok(()),
    }
}

fn read(root: &Path, path: String, left: u64) -> Result<Source, Issue> {
    let failed = |error: std::io::Error| {
        Issue::error(code::MATERIAL_MISSING, format!("`{path}` cannot be read: {error}"))
    };
    let opened = Opened::below(root, &path)?;
    let (mut hasher, mut size, mut chunk) = (Hasher::default(), 0, vec![0; 64 << 10]);
    let mut bytes = opened.file().take(left + 1);
    loop {
        let read = bytes.read(&mut chunk).map_err(failed)?;
        if read == 0 {
            break;
        }
        size += read as u64;
        hasher.update(&chunk[..read]);
    }
    if size > left {
        let message = format!("the files of the extension have more than {BYTES_MAX} bytes, at `{path}`");
        return Err(Issue::error(code::MATERIAL_TOO_LARGE, message));
    }
    Ok(Source { path, sha256: hasher.finish(), size })
}
