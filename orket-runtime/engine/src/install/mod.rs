//! Takes packages in, and lets out what was taken in.
//!
//! Invariants: the files of a package appear by one rename, and only then does one transaction enter them in
//! the catalog. So what the catalog lists is there, however a process ends. Files that nothing lists are swept
//! by whoever changes the catalog next, except those that a process still uses: it holds a shared lock on
//! their manifest.

mod load;
mod sweep;

pub use load::{load, offering};

use crate::catalog::{Catalog, Installed, Place};
use crate::clock;
use crate::error::{Error, Phase};
use crate::home::Home;
use crate::loader::{self, Candidate, Resolved};
use crate::package::{Kind, MATERIALS, Package, PackageManifest, PackedFile};
use crate::permissions;
use crate::store;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::id::ExtensionId;
use orket_contract::issue::Issue;
use std::fs;
use std::path::Path;

/// Installs a package: its version of the extension is then the one that runs.
///
/// # Errors
/// `package.target`, `package.mismatch`, `compat.*`, `catalog.*`; [`Error::Store`].
pub fn publish(home: &Home, package: &mut Package, place: Place) -> Result<Installed, Error> {
    let mut catalog = Catalog::open(home)?;
    let stage = home.store().stage()?;
    let fresh = stage.workspace();
    package.extract(&fresh)?;
    let checked = package.checked();
    let program = claims(&fresh, &checked.manifest)?;
    let entry = Installed {
        id: checked.manifest.extension.id.clone(),
        version: checked.manifest.extension.version.clone(),
        package: checked.digest,
        manifest: checked.manifest_digest,
        program,
        place,
        installed: clock::stamp(),
        workloads: checked.manifest.extension.workloads.iter().map(|workload| workload.id.clone()).collect(),
        current: true,
    };
    let _alone = home.store().lock()?;
    put(home, &fresh, &entry)?;
    catalog.publish(&entry)?;
    sweep::packages(home, &catalog, &stage)?;
    Ok(entry)
}

/// Removes one version of an extension, or all of them; what was removed. Its runs stay.
///
/// # Errors
/// `extension.unknown`, `catalog.*`; [`Error::Store`].
pub fn uninstall(home: &Home, id: &ExtensionId, version: Option<&str>) -> Result<Vec<Installed>, Error> {
    let Some(mut catalog) = Catalog::existing(home)? else { return Err(unknown(id, version, &[])) };
    let stage = home.store().stage()?;
    let _alone = home.store().lock()?;
    let removed = catalog.remove(id, version)?;
    if removed.is_empty() {
        return Err(unknown(id, version, &catalog.installed()?));
    }
    sweep::packages(home, &catalog, &stage)?;
    Ok(removed)
}

/// The versions of an extension that are installed, the one that runs first; or the one that is named. The first
/// is checked and read.
///
/// # Errors
/// `extension.unknown`; as [`load`].
pub fn find(
    home: &Home,
    id: &ExtensionId,
    version: Option<&str>,
) -> Result<(Vec<Installed>, Resolved), Error> {
    load::steady(|| versions(home, id, version), |found| load::resolve(home, &found[0]))
}

/// At least one.
fn versions(home: &Home, id: &ExtensionId, version: Option<&str>) -> Result<Vec<Installed>, Error> {
    let Some(catalog) = Catalog::existing(home)? else { return Err(unknown(id, version, &[])) };
    let mut found = catalog.versions(id)?;
    found.retain(|entry| version.is_none_or(|version| entry.version == version));
    if found.is_empty() { Err(unknown(id, version, &catalog.installed()?)) } else { Ok(found) }
}

/// Everything that is installed.
///
/// # Errors
/// `catalog.*`.
pub fn installed(home: &Home) -> Result<Vec<Installed>, Error> {
    Catalog::existing(home)?.map_or(Ok(Vec::new()), |catalog| catalog.installed())
}

fn unknown(id: &ExtensionId, version: Option<&str>, installed: &[Installed]) -> Error {
    let name = version.map_or_else(|| id.to_string(), |version| format!("{id}@{version}"));
    let issue = Issue::error(code::EXTENSION_UNKNOWN, format!("`{name}` is not installed"));
    let near = orket_contract::suggest::nearest(id.as_str(), installed.iter().map(|entry| entry.id.as_str()));
    refused(match near {
        Some(near) if near != id.as_str() => issue.with_hint(format!("did you mean `{near}`?")),
        _ => issue.with_hint("`cargo orket list --installed` says what is"),
    })
}

/// The program for this machine.
fn program(manifest: &PackageManifest) -> Result<&PackedFile, Error> {
    manifest.program().map(|(_, file)| file).ok_or_else(|| {
        let targets: Vec<_> = manifest.programs.keys().map(|target| format!("`{target}`")).collect();
        let (arch, system) = (std::env::consts::ARCH, std::env::consts::OS);
        let message =
            format!("the package has programs for {}, none for {arch} {system}", targets.join(", "));
        refused(Issue::error(code::PACKAGE_TARGET, message).with_hint("install it from its sources"))
    })
}

/// The extension in the unpacked files of a package: its program for this machine, or its manifest where it is
/// Python.
fn candidate(folder: &Path, manifest: &PackageManifest) -> Result<Candidate, Error> {
    let materials = folder.join(MATERIALS);
    let found = match manifest.kind {
        Kind::Native => Candidate::new(folder.to_path_buf(), folder.join(&program(manifest)?.path)),
        Kind::Python => Candidate::of_folder(&materials)?.ok_or_else(|| {
            let message = format!("there is no manifest of `{}` in its package", manifest.extension.id);
            refused(Issue::error(code::PACKAGE_FORMAT, message))
        })?,
    };
    Ok(Candidate { root: folder.to_path_buf(), materials, ..found })
}

/// Compares what was unpacked claims with what its package does, and with what this host is; the digest of its
/// program. In Python that is the manifest's: another version of this host brings another guest.
fn claims(folder: &Path, manifest: &PackageManifest) -> Result<Digest, Error> {
    let resolved = loader::resolve(candidate(folder, manifest)?)?;
    agrees(&resolved, manifest)?;
    let issues = permissions::compatible(&manifest.extension);
    if issues.is_empty() {
        Ok(executed(&resolved))
    } else {
        Err(Error::Refused { phase: Phase::Install, issues })
    }
}

fn executed(resolved: &Resolved) -> Digest {
    if resolved.python().is_some() { resolved.manifest_digest() } else { resolved.build() }
}

/// Refuses a program that claims something other than its package does.
fn agrees(program: &Resolved, manifest: &PackageManifest) -> Result<(), Error> {
    if program.manifest() == &manifest.extension && program.manifest_digest() == manifest.extension_digest {
        return Ok(());
    }
    let message =
        format!("the program of `{}` claims something other than its package", manifest.extension.id);
    Err(refused(Issue::error(code::PACKAGE_MISMATCH, message)))
}

/// Puts the unpacked files where they belong, in one step. The home is locked.
fn put(home: &Home, fresh: &Path, entry: &Installed) -> Result<(), Error> {
    let target = home.package(entry.package);
    store::create_dir(&home.packages())?;
    if !target.exists() {
        fs::rename(fresh, &target).map_err(Error::store("install", &target))?;
    } else if load::check(&target, entry).is_err() {
        // What lies there was changed: the fresh files take its place, without a moment between.
        exchange(fresh, &target).map_err(Error::store("replace", &target))?;
    }
    store::sync(&home.packages());
    Ok(())
}

#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn refused(issue: Issue) -> Error {
    Error::refused(Phase::Install, issue)
}
