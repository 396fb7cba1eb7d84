//! A copy of the sources of an extension in a folder with another name.

use crate::error::{Error, Result};
use crate::project::{Extension, workspace};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use tempfile::TempDir;

/// The most bytes that are copied (2 GiB), and the most files.
const BYTES_MAX: u64 = 2 << 30;
const FILES_MAX: usize = 200_000;
/// What is no source.
const SKIPPED: [&str; 3] = [".git", ".orket", "node_modules"];

/// The copy. Dropping it removes it.
pub(super) struct Elsewhere {
    dir: TempDir,
    extension: Extension,
    moved: Vec<PathBuf>,
}

impl Elsewhere {
    /// Copies the workspace of an extension, and what it depends on by relative paths, side by side as they lie.
    pub(super) fn of(extension: &Extension) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("orket-elsewhere-").tempdir();
        let dir = dir.map_err(Error::file("create", &std::env::temp_dir()))?;
        let moved: Vec<PathBuf> = roots(extension).into_iter().collect();
        let common = common(&moved);
        let to = |path: &Path| dir.path().join(path.strip_prefix(&common).unwrap_or(path));
        let mut left = (BYTES_MAX, FILES_MAX);
        for root in &moved {
            copy(root, &to(root), &mut left)?;
        }
        let extension = Extension {
            manifest_path: to(&extension.manifest_path),
            root: to(&extension.root),
            workspace_root: to(&extension.workspace_root),
            ..extension.clone()
        };
        Ok(Self { dir, extension, moved })
    }

    /// The extension as it lies there.
    pub(super) fn extension(&self) -> &Extension {
        &self.extension
    }

    /// The folder of the copy.
    pub(super) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// The folders outside of the workspace that were copied, too.
    pub(super) fn outside<'a>(&'a self, workspace_root: &'a Path) -> impl Iterator<Item = &'a Path> {
        self.moved
            .iter()
            .map(PathBuf::as_path)
            .filter(move |root| !workspace_root.starts_with(root) || *root != workspace_root)
    }
}

/// The folders that an extension's sources lie in: its workspace, and those that relative paths in manifests lead to.
pub(super) fn roots(extension: &Extension) -> BTreeSet<PathBuf> {
    let mut roots = BTreeSet::from([extension.workspace_root.clone()]);
    let mut next = vec![extension.root.clone(), extension.workspace_root.clone()];
    let mut seen = BTreeSet::new();
    while let Some(folder) = next.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        for dependency in dependencies(&folder, Path::is_relative) {
            if !roots.iter().any(|root| dependency.starts_with(root)) {
                let root = workspace(&dependency).unwrap_or(&dependency).to_path_buf();
                roots.retain(|inner| !inner.starts_with(&root));
                roots.insert(root);
            }
            next.push(dependency);
        }
    }
    roots
}

/// The folders that absolute paths in the manifests below some roots lead to, with what these need: they are where
/// they are.
pub(super) fn fixed(extension: &Extension) -> BTreeSet<PathBuf> {
    let named = dependencies(&extension.root, Path::is_absolute).into_iter();
    let named = named.chain(dependencies(&extension.workspace_root, Path::is_absolute));
    named.map(|path| workspace(&path).unwrap_or(&path).to_path_buf()).collect()
}

/// Where the paths in the dependencies of a manifest lead, those that are meant.
fn dependencies(folder: &Path, is_meant: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let Ok(manifest) = text.parse::<toml::Table>() else { return Vec::new() };
    let mut found = Vec::new();
    collect(&manifest, false, &mut found);
    found
        .iter()
        .filter(|path| is_meant(path))
        .map(|path| normal(&folder.join(path)))
        .filter(|path| path.join("Cargo.toml").is_file())
        .collect()
}

fn collect(table: &toml::Table, in_dependencies: bool, found: &mut Vec<PathBuf>) {
    for (key, value) in table {
        match value {
            toml::Value::String(path) if in_dependencies && key == "path" => {
                found.push(PathBuf::from(path));
            }
            toml::Value::Table(inner) => {
                collect(inner, in_dependencies || key.ends_with("dependencies") || key == "patch", found);
            }
            _ => {}
        }
    }
}

/// The path without `.` and `..`, as cargo takes it.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

/// The folder that all of them lie in.
fn common(paths: &[PathBuf]) -> PathBuf {
    let Some(first) = paths.first() else { return PathBuf::new() };
    let above = first.parent().unwrap_or(first);
    above
        .ancestors()
        .find(|folder| paths.iter().all(|path| path.starts_with(folder)))
        .unwrap_or(Path::new("/"))
        .to_path_buf()
}

/// Copies sources: no build output, no repository, no records. Links stay links.
fn copy(from: &Path, to: &Path, left: &mut (u64, usize)) -> Result<()> {
    fs::create_dir_all(to).map_err(Error::file("create", to))?;
    for entry in fs::read_dir(from).map_err(Error::file("list", from))? {
        let entry = entry.map_err(Error::file("list", from))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(Error::file("read", &path))?;
        if kind.is_dir() {
            if !is_skipped(&path) {
                copy(&path, &target, left)?;
            }
        } else if kind.is_symlink() {
            let leads = fs::read_link(&path).map_err(Error::file("read", &path))?;
            std::os::unix::fs::symlink(leads, &target).map_err(Error::file("write", &target))?;
        } else if kind.is_file() {
            let size = fs::copy(&path, &target).map_err(Error::file("copy", &path))?;
            let remaining = left.0.checked_sub(size).zip(left.1.checked_sub(1));
            *left = remaining.ok_or_else(|| {
                let message = format!("has more than {FILES_MAX} files or {} GiB", BYTES_MAX >> 30);
                Error::file("copy", from)(std::io::Error::other(message))
            })?;
        }
    }
    Ok(())
}

fn is_skipped(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    SKIPPED.iter().any(|skipped| name == *skipped) || folder.join("CACHEDIR.TAG").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_copied_side_by_side_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join("around").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "game/Cargo.toml",
            "[package]\nname = \"game\"\n[target.'cfg(unix)'.dependencies]\nsdk = { path = \"../sdk\" }\n",
        );
        write("game/src/main.rs", "");
        write("game/target/CACHEDIR.TAG", "");
        write("game/.git/config", "");
        write("sdk/Cargo.toml", "[package]\nname = \"sdk\"\n[dependencies]\nfar = { path = \"/nowhere\" }\n");
        write("other/Cargo.toml", "");
        let root = dir.path().join("around/game");
        let extension = Extension {
            name: "game".to_owned(),
            manifest_path: root.join("Cargo.toml"),
            root: root.clone(),
            programs: Vec::new(),
            chosen_program: None,
            workspace_root: root.clone(),
        };
        let copy = Elsewhere::of(&extension).unwrap();
        let there = |path: &str| copy.root().join(path).exists();
        assert_eq!(copy.extension().root, copy.root().join("game"));
        assert!(there("game/src/main.rs") && there("sdk/Cargo.toml"));
        assert!(!there("game/target") && !there("game/.git") && !there("other"));
        assert_eq!(copy.outside(&root).collect::<Vec<_>>(), [dir.path().join("around/sdk")]);
    }
}
