//! The tree of files that a guest sees: empty but for what its confinement names.
//!
//! Everything that is named is cloned before anything is covered; then a small file system in memory covers the stage, takes the
//! clones, becomes the root, and the old root goes. The stage lies at the same path in every tree, everything else at its own, so
//! no guest learns where its host keeps it.

use super::super::confinement::STAGE;
use super::super::{Confinement, Layer};
use super::order::{IGNORE, STOP};
use super::script::{Script, Slot, Value};
use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

const OPEN_TREE_CLONE: u32 = 1;
const AT_RECURSIVE: u32 = 0x8000;
const MOVE_MOUNT_F_EMPTY_PATH: u32 = 4;
const ATTR_READ_ONLY: u64 = 1;
const ATTR_NOSUID: u64 = 2;
const ATTR_NODEV: u64 = 4;
const ATTR_NOEXEC: u64 = 8;
/// Room for the folders and links on the way to what is named, and nothing else: it is read-only afterwards.
const ROOT: &std::ffi::CStr = c"mode=755,size=1m,nr_inodes=2k";

/// What lies at a path of the tree.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// What lies at that path outside, with these attributes.
    Mount { outside: PathBuf, path: PathBuf, is_folder: bool, attributes: u64 },
    /// A link of the system's, to something that is in the tree, too.
    Link { path: PathBuf, target: PathBuf },
}

/// Everything that a confinement names, outer before inner.
fn places(confinement: &Confinement) -> Vec<Place> {
    let guarded = ATTR_NOSUID | ATTR_NODEV;
    let named = [
        (&confinement.libraries, guarded | ATTR_READ_ONLY),
        (&confinement.read_write, guarded | ATTR_NOEXEC),
        (&confinement.read_only, guarded | ATTR_READ_ONLY | ATTR_NOEXEC),
    ];
    let mut places = Vec::new();
    let mut taken = BTreeSet::new();
    for (paths, attributes) in named {
        // What is a library as well keeps its programs; Landlock has the rights of both.
        for path in paths.iter().filter(|path| path.exists() && taken.insert(path.as_path())) {
            let target = std::fs::read_link(path).ok().map(|target| join(path, &target));
            let covered = |target: &PathBuf| {
                confinement.libraries.iter().any(|other| other != path && target.starts_with(other))
            };
            places.push(match target.filter(covered) {
                Some(target) => Place::Link { path: path.clone(), target },
                None => Place::Mount {
                    outside: path.clone(),
                    path: inside(confinement, path),
                    is_folder: path.is_dir(),
                    attributes,
                },
            });
        }
    }
    places.sort_by_key(|place| match place {
        Place::Link { path, .. } => (0, path.components().count()),
        Place::Mount { path, .. } => (1, path.components().count()),
    });
    places
}

/// Where in the tree a path is.
pub(super) fn inside(confinement: &Confinement, path: &Path) -> PathBuf {
    match path.strip_prefix(&confinement.stage) {
        Ok(rest) => Path::new(STAGE).components().chain(rest.components()).collect(),
        Err(_) => path.to_path_buf(),
    }
}

/// Where a link leads, without asking the file system.
fn join(link: &Path, target: &Path) -> PathBuf {
    let mut path = link.parent().unwrap_or(Path::new("/")).to_path_buf();
    for component in target.components() {
        match component {
            Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
    }
    path
}

/// Builds the tree, enters it and leaves the working directory at the stage.
pub(super) fn build(script: &mut Script, confinement: &Confinement) -> io::Result<()> {
    let here = Value::from(libc::AT_FDCWD);
    let places = places(confinement);
    let empty = script.text(c"");
    script.layer(Layer::Tree, STOP);
    let root = script.text(c"/");
    let private = libc::MS_REC | libc::MS_PRIVATE;
    script.call(
        "make mounts private",
        libc::SYS_mount,
        &[0.into(), root.into(), 0.into(), private.into(), 0.into()],
    );
    let mut clones: Vec<(Slot, &Path, bool)> = Vec::new();
    for place in &places {
        if let Place::Mount { outside, path, is_folder, attributes } = place {
            let clone = clone(script, outside, *attributes)?;
            clones.push((clone, path, *is_folder));
        }
    }

    let stage = script.path(&confinement.stage)?;
    let (kind, options) = (script.text(c"tmpfs"), script.text(ROOT));
    let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
    script.call(
        "mount a root",
        libc::SYS_mount,
        &[kind.into(), stage.into(), kind.into(), flags.into(), options.into()],
    );
    script.call("enter the root", libc::SYS_chdir, &[stage.into()]);
    let mut made = BTreeSet::new();
    for place in &places {
        if let Place::Link { path, target } = place {
            folders(script, path.parent(), &mut made)?;
            let (target, path) = (script.path(target)?, script.path(below(path))?);
            script.call("make a link", libc::SYS_symlinkat, &[target.into(), here, path.into()]);
        }
    }
    for (clone, path, is_folder) in clones {
        let (folder, file) = if is_folder { (Some(path), None) } else { (path.parent(), Some(path)) };
        folders(script, folder, &mut made)?;
        if let Some(file) = file {
            let file = script.path(below(file))?;
            script.layer(Layer::Tree, IGNORE);
            let mode = libc::S_IFREG | 0o444;
            script.call("make a file", libc::SYS_mknodat, &[here, file.into(), mode.into(), 0.into()]);
            script.layer(Layer::Tree, STOP);
        }
        let (what, path) = (format!("mount {}", path.display()), script.path(below(path))?);
        let arguments = [clone.into(), empty.into(), here, path.into(), MOVE_MOUNT_F_EMPTY_PATH.into()];
        script.call(what, libc::SYS_move_mount, &arguments);
    }
    folders(script, Some(Path::new(STAGE)), &mut made)?;
    enter(script)
}

/// A private copy of the mount at `path`, with attributes.
fn clone(script: &mut Script, path: &Path, attributes: u64) -> io::Result<Slot> {
    let name = script.path(path)?;
    let flags = OPEN_TREE_CLONE | AT_RECURSIVE | libc::O_CLOEXEC.cast_unsigned();
    let what = format!("clone {}", path.display());
    let clone = script.result(what, libc::SYS_open_tree, &[libc::AT_FDCWD.into(), name.into(), flags.into()]);
    let (set, none) = (script.words(&[attributes, 0, 0, 0]), script.text(c""));
    let what = format!("guard {}", path.display());
    let flags = libc::AT_EMPTY_PATH.cast_unsigned() | AT_RECURSIVE;
    let arguments = [clone.into(), none.into(), flags.into(), set.into(), 32.into()];
    script.call(what, libc::SYS_mount_setattr, &arguments);
    Ok(clone)
}

/// Turns the root over, forgets the old one, and makes the new one read-only.
fn enter(script: &mut Script) -> io::Result<()> {
    let (root, here) = (script.text(c"/"), script.text(c"."));
    script.call("change the root", libc::SYS_pivot_root, &[here.into(), here.into()]);
    script.call("forget the old root", libc::SYS_umount2, &[here.into(), libc::MNT_DETACH.into()]);
    let flags = libc::MS_REMOUNT
        | libc::MS_BIND
        | libc::MS_RDONLY
        | libc::MS_NOSUID
        | libc::MS_NODEV
        | libc::MS_NOEXEC;
    let arguments = [0.into(), root.into(), 0.into(), flags.into(), 0.into()];
    script.call("make the root read-only", libc::SYS_mount, &arguments);
    let stage = script.path(Path::new(STAGE))?;
    script.call("enter the stage", libc::SYS_chdir, &[stage.into()]);
    Ok(())
}

/// Every folder on the way to `path`, from the working directory, that was not `made` yet. What a mount has already stays.
fn folders<'a>(script: &mut Script, path: Option<&'a Path>, made: &mut BTreeSet<&'a Path>) -> io::Result<()> {
    script.layer(Layer::Tree, IGNORE);
    let mut way: Vec<&Path> = path.into_iter().flat_map(Path::ancestors).map(below).collect();
    way.reverse();
    for folder in way.into_iter().filter(|folder| *folder != Path::new(".") && made.insert(folder)) {
        let folder = script.path(folder)?;
        script.call(
            "make a folder",
            libc::SYS_mkdirat,
            &[libc::AT_FDCWD.into(), folder.into(), 0o755.into()],
        );
    }
    script.layer(Layer::Tree, STOP);
    Ok(())
}

/// An absolute path as seen from the root.
fn below(path: &Path) -> &Path {
    match path.strip_prefix("/") {
        Ok(rest) if rest != Path::new("") => rest,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_libraries_can_be_executed_and_only_artifacts_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["lib", "work", "work/inner"] {
            std::fs::create_dir(at(name)).unwrap();
        }
        std::os::unix::fs::symlink("lib", at("lib64")).unwrap();
        let mut confinement = Confinement::new(at("work"));
        confinement.libraries = vec![at("lib64"), at("lib"), at("nowhere")];
        confinement.read_write = vec![at("work/inner")];
        confinement.read_only = vec![at("work"), at("lib")];
        let mount = |outside: PathBuf, path: &str, attributes| {
            let path = if path.is_empty() { outside.clone() } else { path.into() };
            Place::Mount { outside, path, is_folder: true, attributes }
        };
        assert_eq!(
            places(&confinement),
            [
                Place::Link { path: at("lib64"), target: at("lib") },
                mount(at("work"), "/orket", 15),
                mount(at("work/inner"), "/orket/inner", 14),
                mount(at("lib"), "", 7),
            ]
        );
    }

    #[test]
    fn links_are_followed_by_name() {
        let follow = |target: &str| join(Path::new("/a/link"), Path::new(target));
        assert_eq!(follow("usr/lib"), Path::new("/a/usr/lib"));
        assert_eq!(follow("../usr"), Path::new("/usr"));
        assert_eq!(follow("/usr/lib"), Path::new("/usr/lib"));
    }
}
