//! The extensions that a command is about: found by cargo's rules, built by cargo, known by index.

mod build;
mod current;
mod flags;
mod index;
mod listed;
mod lock;
mod metadata;
mod python;

pub(crate) use build::{Artifact, Script, build};
pub(crate) use current::{build_current, current};
pub(crate) use flags::REPRODUCIBLE;
pub(crate) use index::{Entry, Index};
pub(crate) use listed::matches;
pub(crate) use lock::{lockfile, workspace};
pub(crate) use metadata::{Extension, Metadata, SDK, sources};
pub(crate) use python::{is_manifest, is_python, load as load_python, needs_rust, warn};

use crate::args::Selection;
use crate::error::{Error, Result};
use crate::report::Report;
use orket_contract::issue::{Issue, Location};
use orket_contract::{code, suggest};
use std::path::{Path, PathBuf};

/// Where a command looked, and what it found there.
#[derive(Debug)]
pub(crate) struct Project {
    /// The extensions, in the order of their manifests' paths.
    pub(crate) extensions: Vec<Extension>,
    /// The folders of those in Python, in order.
    pub(crate) python: Vec<PathBuf>,
    /// The target folder of the workspace where the search began.
    pub(crate) target_directory: PathBuf,
}

/// Finds the extensions: those named by `-p`, else the current package, else those of the workspace
/// and of its `[workspace.metadata.orket] extensions`.
///
/// # Errors
/// `project.not-found` when there is none; `build.failed` when cargo cannot read a manifest.
pub(crate) fn discover(selection: &Selection, report: &Report) -> Result<Project> {
    if let Some(folder) = python::folder(selection)? {
        let target_directory = folder.join("target");
        return Ok(Project { extensions: Vec::new(), python: vec![folder], target_directory });
    }
    let manifest = manifest_path(selection)?;
    let metadata = Metadata::read(&manifest, selection, report)?;
    let mut extensions = choose(&metadata, &manifest, selection, report)?;
    let python = match is_one(&metadata, &manifest, selection) {
        true => Vec::new(),
        false => listed::python(&metadata)?,
    };
    if extensions.is_empty() && python.is_empty() {
        return Err(none_found(&metadata, &manifest).into());
    }
    extensions.sort_by(|a, b| a.manifest_path.cmp(&b.manifest_path));
    Ok(Project { extensions, python, target_directory: metadata.target_directory })
}

/// Whether packages are named, or the current one alone is meant.
fn is_one(metadata: &Metadata, manifest: &Path, selection: &Selection) -> bool {
    let wanted = &selection.workspace;
    let is_current = metadata.members.iter().any(|member| member.manifest_path == manifest);
    !wanted.package.is_empty() || (is_current && !wanted.workspace && !wanted.all)
}

fn choose(
    metadata: &Metadata,
    manifest: &Path,
    selection: &Selection,
    report: &Report,
) -> Result<Vec<Extension>> {
    let wanted = &selection.workspace;
    if !wanted.package.is_empty() {
        return named(everywhere(metadata, selection, report)?, &wanted.package);
    }
    let current = metadata.members.iter().find(|member| member.manifest_path == manifest);
    match current {
        Some(current) if !wanted.workspace && !wanted.all => Ok(vec![current.clone()]),
        _ => {
            let all = everywhere(metadata, selection, report)?;
            Ok(all.into_iter().filter(|extension| !wanted.exclude.contains(&extension.name)).collect())
        }
    }
}

/// The members of the workspace and what its metadata lists.
fn everywhere(metadata: &Metadata, selection: &Selection, report: &Report) -> Result<Vec<Extension>> {
    let mut all = metadata.members.clone();
    for manifest in listed::manifests(metadata)? {
        let elsewhere = Metadata::read(&manifest, selection, report)?;
        let new = elsewhere.members.into_iter().filter(|member| member.manifest_path == manifest);
        all.extend(
            new.filter(|new| all.iter().all(|known| known.manifest_path != new.manifest_path))
                .collect::<Vec<_>>(),
        );
    }
    Ok(all)
}

fn named(all: Vec<Extension>, names: &[String]) -> Result<Vec<Extension>> {
    for name in names {
        if !all.iter().any(|extension| extension.name == *name) {
            return Err(not_named(name, &all).into());
        }
    }
    Ok(all.into_iter().filter(|extension| names.contains(&extension.name)).collect())
}

fn not_named(name: &str, all: &[Extension]) -> Issue {
    let message = format!("no package `{name}` here is an extension");
    let issue = Issue::error(code::PROJECT_NOT_FOUND, message);
    match suggest::nearest(name, all.iter().map(|extension| extension.name.as_str())) {
        Some(near) => issue.with_hint(format!("did you mean `{near}`?")),
        None if all.is_empty() => issue,
        None => {
            let known: Vec<_> = all.iter().map(|extension| format!("`{}`", extension.name)).collect();
            issue.with_hint(format!("extensions here: {}", known.join(", ")))
        }
    }
}

fn none_found(metadata: &Metadata, manifest: &Path) -> Issue {
    let place = Location { file: manifest.display().to_string(), ..Location::default() };
    if let Some(name) = metadata.without_program.first() {
        let message = format!("package `{name}` depends on orket-runtime but has no program to run");
        let issue = Issue::error(code::BUILD_NO_ARTIFACT, message).at(place);
        return issue.with_hint("add a `src/main.rs` with `orket_runtime::main!(crate_name::module);`");
    }
    let message = "no package here depends on orket-runtime and has a program, so there is no extension";
    let hint = "`cargo orket new NAME` creates one; `[workspace.metadata.orket] extensions = [\"examples/*\"]` \
                lists those outside of the workspace";
    Issue::error(code::PROJECT_NOT_FOUND, message).at(place).with_hint(hint)
}

/// The manifest that the command line names, or the nearest one above the working folder.
///
/// # Errors
/// `project.not-found` when there is none.
pub(crate) fn manifest_path(selection: &Selection) -> Result<PathBuf> {
    if let Some(path) = &selection.manifest.manifest_path {
        let found = path.canonicalize().map_err(|error| {
            let message = format!("the manifest path {} cannot be read: {error}", path.display());
            Issue::error(code::PROJECT_NOT_FOUND, message)
        })?;
        return Ok(found);
    }
    let here = std::env::current_dir().map_err(Error::file("find", Path::new(".")))?;
    let nearest = here.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file());
    nearest.ok_or_else(|| {
        let message = format!("no Cargo.toml in {} or a folder above it", here.display());
        let hint = "`cargo orket new NAME` creates an extension; `--manifest-path` names one elsewhere";
        Issue::error(code::PROJECT_NOT_FOUND, message).with_hint(hint).into()
    })
}
