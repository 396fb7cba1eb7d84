//! Loads what is installed, after it was compared with what was installed: before every run.

use super::{agrees, candidate, executed, program, refused};
use crate::beneath::{self, Fault};
use crate::catalog::{Catalog, Installed, Method};
use crate::error::Error;
use crate::home::Home;
use crate::loader::{self, Candidate, Origin, Resolved};
use crate::package::{Kind, MANIFEST, MANIFEST_BYTES_MAX, MATERIALS, PROGRAM, PackageManifest, PackedFile};
use crate::store;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::{Issue, Location};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

/// The installed extensions whose running version offers a workload: `workload`, or `extension/workload`.
///
/// # Errors
/// `catalog.*`.
pub fn offering(home: &Home, name: &str) -> Result<Vec<Installed>, Error> {
    let Some(catalog) = Catalog::existing(home)? else { return Ok(Vec::new()) };
    let (owner, workload) = name.split_once('/').map_or((None, name), |(owner, id)| (Some(owner), id));
    let mut found = catalog.installed()?;
    found.retain(|entry| {
        let is_meant = owner.is_none_or(|owner| entry.id.as_str() == owner);
        entry.current && is_meant && entry.workloads.iter().any(|id| id.as_str() == workload)
    });
    Ok(found)
}

/// Checks and reads every installed extension that offers a workload.
///
/// # Errors
/// `manifest.changed`, `program.changed`, `material.changed`, `commit.moved`, `package.*`, `catalog.*`.
pub fn load(home: &Home, name: &str) -> Result<Vec<Resolved>, Error> {
    let (_, loaded) = steady(
        || offering(home, name),
        |entries| entries.iter().map(|entry| resolve(home, entry)).collect(),
    )?;
    Ok(loaded)
}

/// Lists entries of the catalog and reads what they name: anew where that fails because another process has
/// just replaced or removed it, and perhaps put the same in its place.
pub(super) fn steady<T>(
    list: impl Fn() -> Result<Vec<Installed>, Error>,
    read: impl Fn(&[Installed]) -> Result<T, Error>,
) -> Result<(Vec<Installed>, T), Error> {
    let mut entries = list()?;
    let mut is_first = true;
    loop {
        let error = match read(&entries) {
            Ok(found) => return Ok((entries, found)),
            Err(error) => error,
        };
        let now = list()?;
        if now == entries && !is_first {
            return Err(error);
        }
        (entries, is_first) = (now, false);
    }
}

/// Checks an installed extension against what was installed and reads its program.
pub(super) fn resolve(home: &Home, entry: &Installed) -> Result<Resolved, Error> {
    let (candidate, manifest) = checked(home, entry)?;
    let path = candidate.artifact.clone();
    let resolved = loader::resolve(candidate)?;
    if executed(&resolved) != entry.program {
        // It was exchanged after the check.
        return Err(changed(code::PROGRAM_CHANGED, entry, "its program", &path));
    }
    agrees(&resolved, &manifest)?;
    Ok(resolved)
}

fn checked(home: &Home, entry: &Installed) -> Result<(Candidate, PackageManifest), Error> {
    let root = home.package(entry.package);
    let hold = hold(&root, entry)?;
    let manifest = check(&root, entry)?;
    let candidate = Candidate {
        store: home.state(&entry.id),
        origin: Origin { package: Some(entry.package), ..manifest.origin.clone() },
        hold: Some(Arc::new(hold)),
        installed: Some(materials(&manifest)),
        ..candidate(&root, &manifest)?
    };
    Ok((candidate, manifest))
}

/// The digests of the materials, by their paths below the folder of materials.
fn materials(manifest: &PackageManifest) -> BTreeMap<String, Digest> {
    let path = |file: &PackedFile| file.path.strip_prefix(MATERIALS)?.strip_prefix('/').map(str::to_owned);
    manifest.files.iter().filter_map(|file| Some((path(file)?, file.sha256))).collect()
}

/// Holds the files of a package in place.
fn hold(root: &Path, entry: &Installed) -> Result<File, Error> {
    let path = root.join(MANIFEST);
    let file = match store::open_regular(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(changed(code::MANIFEST_CHANGED, entry, "its manifest", &path));
        }
        file => file.map_err(Error::store("open", &path))?,
    };
    file.lock_shared().map_err(Error::store("lock", &path))?;
    Ok(file)
}

/// Compares the files of a package with what the catalog says of them; its manifest.
pub(super) fn check(root: &Path, entry: &Installed) -> Result<PackageManifest, Error> {
    let path = root.join(MANIFEST);
    let bytes = store::read_bounded(&path, MANIFEST_BYTES_MAX)?;
    if Digest::of(&bytes) != entry.manifest {
        return Err(changed(code::MANIFEST_CHANGED, entry, "its manifest", &path));
    }
    let manifest = PackageManifest::parse(&bytes)?;
    same_commit(&manifest, entry)?;
    let claimed = &manifest.extension;
    if claimed.id != entry.id || claimed.version != entry.version {
        return Err(changed(code::MANIFEST_CHANGED, entry, "its entry in the catalog", &path));
    }
    if manifest.kind == Kind::Native && program(&manifest)?.sha256 != entry.program {
        return Err(changed(code::PROGRAM_CHANGED, entry, "its entry in the catalog", &path));
    }
    for file in &manifest.files {
        if !is_same(root, file)? {
            return Err(differs(entry, file, &root.join(&file.path)));
        }
    }
    listed(root, root, &manifest, entry)?;
    Ok(manifest)
}

/// The commit of a git source is on record twice: in the catalog, and in the package that was made of it.
fn same_commit(manifest: &PackageManifest, entry: &Installed) -> Result<(), Error> {
    let built = manifest.origin.source.as_ref().and_then(|source| source.commit.as_ref());
    if entry.place.method != Method::Git || entry.place.commit.as_ref() == built {
        return Ok(());
    }
    let shown = |commit: Option<&String>| commit.map_or("none", String::as_str).to_owned();
    let message = format!(
        "`{}` was built from commit {}; the catalog names {}",
        entry.id,
        shown(built),
        shown(entry.place.commit.as_ref())
    );
    Err(refused(Issue::error(code::COMMIT_MOVED, message).with_hint(again(entry))))
}

/// Whether a file is there, regular, and has the bytes that were installed.
fn is_same(root: &Path, file: &PackedFile) -> Result<bool, Error> {
    let path = root.join(&file.path);
    let mut opened = match beneath::open(root, &file.path) {
        Err(Fault::Linked | Fault::Special) => return Ok(false),
        Err(Fault::Refused(error))
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
        {
            return Ok(false);
        }
        Err(Fault::Refused(error)) => return Err(Error::store("open", &path)(error)),
        Ok(opened) => opened,
    };
    let found = opened.metadata().map_err(Error::store("find", &path))?;
    if !found.is_file() || found.len() != file.size {
        return Ok(false);
    }
    let (mut hasher, mut piece) = (Hasher::default(), vec![0; 256 << 10]);
    loop {
        match opened.read(&mut piece).map_err(Error::store("read", &path))? {
            0 => return Ok(hasher.finish() == file.sha256),
            read => hasher.update(&piece[..read]),
        }
    }
}

/// Refuses files that the package does not hold: a pattern of materials would take them in.
fn listed(folder: &Path, root: &Path, manifest: &PackageManifest, entry: &Installed) -> Result<(), Error> {
    for found in fs::read_dir(folder).map_err(Error::store("list", folder))? {
        let path = found.map_err(Error::store("list", folder))?.path();
        let is_folder = fs::symlink_metadata(&path).map_err(Error::store("find", &path))?.is_dir();
        let name = path.strip_prefix(root).ok().and_then(Path::to_str);
        match name {
            _ if is_folder => listed(&path, root, manifest, entry)?,
            Some(name) if name == MANIFEST || manifest.file(name).is_some() => {}
            _ => {
                return Err(changed(
                    code::PACKAGE_UNLISTED,
                    entry,
                    "a file that its package does not list",
                    &path,
                ));
            }
        }
    }
    Ok(())
}

fn differs(entry: &Installed, file: &PackedFile, path: &Path) -> Error {
    match file.path.split('/').next() {
        Some(PROGRAM) => changed(code::PROGRAM_CHANGED, entry, "its program", path),
        Some(MATERIALS) => changed(code::MATERIAL_CHANGED, entry, "a material", path),
        _ => changed(code::PACKAGE_MISMATCH, entry, "a file", path),
    }
}

fn changed(code: &str, entry: &Installed, what: &str, path: &Path) -> Error {
    let place = Location { file: path.display().to_string(), ..Location::default() };
    let message = format!("`{}` {} is not what was installed: {what} was changed", entry.id, entry.version);
    refused(Issue::error(code, message).at(place).with_hint(again(entry)))
}

fn again(entry: &Installed) -> String {
    let rev = entry.place.rev.as_ref().map(|rev| format!(" --rev {rev}")).unwrap_or_default();
    format!("install it again: `cargo orket install {}{rev}`", entry.place.location)
}
