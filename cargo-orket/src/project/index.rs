//! Which workload lies in which package, remembered between calls so that asking for one extension
//! does not build all of them.
//!
//! Invariants: an entry counts only while the package's sources, Cargo.toml and Cargo.lock are those
//! that it was written for; the index only narrows a search, so a lost or foreign one costs time and
//! nothing else.

use super::Extension;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::manifest::Manifest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The version of the file's shape, part of every key.
const DOMAIN: &str = "orket/index/v1";

/// The remembered workloads.
#[derive(Debug, Default)]
pub(crate) struct Index {
    path: PathBuf,
    entries: BTreeMap<PathBuf, Entry>,
}

/// The workloads of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    sources: Digest,
    /// The id of the extension.
    pub(crate) id: String,
    /// Its version.
    pub(crate) version: String,
    /// The ids of its workloads, and what they do.
    pub(crate) workloads: BTreeMap<String, String>,
}

impl Entry {
    /// Whether the extension offers a workload of that id.
    pub(crate) fn offers(&self, workload: &str) -> bool {
        self.workloads.contains_key(workload)
    }
}

impl Index {
    /// The index of a target folder; empty when there is none that can be read.
    pub(crate) fn open(target_directory: &Path) -> Self {
        let path = target_directory.join("orket").join("index.json");
        let entries = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, entries: entries.unwrap_or_default() }
    }

    /// What is known of a package as it is now.
    pub(crate) fn entry(&self, extension: &Extension) -> Option<&Entry> {
        let entry = self.entries.get(&extension.manifest_path)?;
        (sources(extension) == Some(entry.sources)).then_some(entry)
    }

    /// Remembers a package's manifest and writes the index where that changed it.
    pub(crate) fn remember(&mut self, extension: &Extension, manifest: &Manifest) {
        let Some(sources) = sources(extension) else { return };
        let workloads = manifest.workloads.iter();
        let workloads =
            workloads.map(|workload| (workload.id.to_string(), workload.description.clone())).collect();
        let entry =
            Entry { sources, id: manifest.id.to_string(), version: manifest.version.clone(), workloads };
        if self.entries.get(&extension.manifest_path) != Some(&entry) {
            self.entries.insert(extension.manifest_path.clone(), entry);
            // An index that cannot be written is only slow.
            let _ = self.write();
        }
    }

    fn write(&self) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&file, &self.entries)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// The digest of everything below a package that may change its manifest; none when it cannot be read.
fn sources(extension: &Extension) -> Option<Digest> {
    let mut files = Vec::new();
    collect(&extension.root, &mut files).ok()?;
    files.push(extension.workspace_root.join("Cargo.toml"));
    files.push(extension.workspace_root.join("Cargo.lock"));
    files.sort();
    let mut hasher = Hasher::within(DOMAIN);
    for file in files {
        let bytes = std::fs::read(&file).unwrap_or_default();
        hasher.update(file.as_os_str().as_encoded_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes);
    }
    Some(hasher.finish())
}

/// The Rust sources and manifests below a folder, without what is hidden or built.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name();
        if kind.is_dir() && name != "target" && !name.as_encoded_bytes().starts_with(b".") {
            collect(&path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "rs" || end == "toml") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(root: &Path) -> Extension {
        Extension {
            name: "hello".to_owned(),
            manifest_path: root.join("Cargo.toml"),
            root: root.to_path_buf(),
            programs: vec!["hello".to_owned()],
            chosen_program: None,
            workspace_root: root.to_path_buf(),
        }
    }

    fn manifest() -> Manifest {
        let manifest = serde_json::json!({
            "extension_api_version": "1.0.0", "id": "hello", "manifest_version": 1, "runtime": "^0.1",
            "version": "0.1.0", "workloads": [{ "id": "hello_v1", "version": "0.1.0" }],
        });
        serde_json::from_value(manifest).unwrap()
    }

    #[test]
    fn an_entry_lasts_until_a_source_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (root, target) = (folder.path().join("hello"), folder.path().join("target"));
        std::fs::create_dir_all(root.join("src")).unwrap();
        std::fs::write(root.join("Cargo.toml"), "[package]").unwrap();
        let extension = extension(&root);
        Index::open(&target).remember(&extension, &manifest());

        let index = Index::open(&target);
        assert!(index.entry(&extension).unwrap().offers("hello_v1"));
        std::fs::write(root.join("src/lib.rs"), "").unwrap();
        assert_eq!(index.entry(&extension), None);
    }

    #[test]
    fn a_damaged_index_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("orket")).unwrap();
        std::fs::write(folder.path().join("orket/index.json"), "{\"x").unwrap();
        assert!(Index::open(folder.path()).entries.is_empty());
    }
}
