//! The folders that `[workspace.metadata.orket] extensions` lists, such as `examples/*`.

use super::{Metadata, is_python};
use crate::error::{Error, Result};
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use std::path::{Path, PathBuf};

/// The manifests of the listed folders that have a Cargo.toml, sorted.
///
/// # Errors
/// `project.not-found` when an entry without `*` has no manifest.
pub(super) fn manifests(metadata: &Metadata) -> Result<Vec<PathBuf>> {
    let manifests = folders(metadata)?.into_iter().map(|folder| folder.join("Cargo.toml"));
    Ok(manifests.filter(|path| path.is_file()).collect())
}

/// The listed folders of extensions in Python, sorted.
///
/// # Errors
/// As [`manifests`].
pub(super) fn python(metadata: &Metadata) -> Result<Vec<PathBuf>> {
    Ok(folders(metadata)?.into_iter().filter(|folder| is_python(folder)).collect())
}

fn folders(metadata: &Metadata) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in &metadata.listed {
        let found = expand(&metadata.root, entry)?;
        if found.is_empty() && !entry.contains('*') {
            return Err(missing(metadata, entry).into());
        }
        folders.extend(found);
    }
    folders.sort();
    folders.dedup();
    Ok(folders)
}

fn missing(metadata: &Metadata, entry: &str) -> Issue {
    let place =
        Location { file: metadata.root.join("Cargo.toml").display().to_string(), ..Location::default() };
    let message = format!("`workspace.metadata.orket.extensions` lists `{entry}`, which has no manifest");
    Issue::error(code::PROJECT_NOT_FOUND, message).at(place)
}

fn expand(root: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    let mut folders = vec![root.to_path_buf()];
    for segment in pattern.split('/').filter(|segment| !segment.is_empty() && *segment != ".") {
        let mut next = Vec::new();
        for folder in folders {
            if segment.contains('*') {
                next.extend(matching(&folder, segment)?);
            } else {
                next.push(folder.join(segment));
            }
        }
        folders = next;
    }
    Ok(folders
        .into_iter()
        .filter(|folder| folder.join("Cargo.toml").is_file() || is_python(folder))
        .collect())
}

fn matching(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let entry = entry.map_err(Error::file("list", folder))?;
        if entry.file_name().to_str().is_some_and(|name| matches(pattern, name)) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Whether a name fits a pattern, in which `*` stands for any characters.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| matches(rest, &name[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name, expected) in [
            ("*", "mystery", true),
            ("game-*", "game-", true),
            ("*-demo", "game-demo", true),
            ("g*e*o", "game-demo", true),
            ("game", "game-demo", false),
            ("*x", "game", false),
            ("ö*", "öko", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
