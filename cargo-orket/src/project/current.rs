//! The short way for the usual case: the current package is an extension with one program.
//!
//! Cargo is asked once, to build; what `cargo metadata` would add is not needed then. Whatever does not look
//! like the usual case takes the long way, so that this module may be wrong about nothing but time.

use super::metadata::SDK;
use super::{Artifact, Extension, build, manifest_path};
use crate::args::Selection;
use crate::error::Result;
use crate::report::Report;
use std::path::{Path, PathBuf};

/// The current package, if it looks like that usual case.
///
/// # Errors
/// `project.not-found` when there is no package here.
pub(crate) fn current(selection: &Selection) -> Result<Option<Extension>> {
    let wanted = &selection.workspace;
    if wanted.workspace || wanted.all || !wanted.package.is_empty() || !wanted.exclude.is_empty() {
        return Ok(None);
    }
    if super::python::folder(selection)?.is_some() {
        return Ok(None);
    }
    Ok(extension(manifest_path(selection)?))
}

/// Builds it, if it turns out to have just one program.
///
/// # Errors
/// `build.failed` when cargo fails.
pub(crate) fn build_current(
    extension: Extension,
    selection: &Selection,
    report: &Report,
) -> Result<Option<Artifact>> {
    build::only_program(extension, selection, report)
}

fn extension(manifest_path: PathBuf) -> Option<Extension> {
    let manifest: toml::Table = std::fs::read_to_string(&manifest_path).ok()?.parse().ok()?;
    let package = manifest.get("package")?;
    let root = manifest_path.parent().unwrap_or(Path::new("/")).to_path_buf();
    let is_plain =
        !manifest.contains_key("bin") && root.join("src/main.rs").is_file() && !root.join("src/bin").exists();
    let has_one_program = is_plain || manifest.get("bin")?.as_array()?.len() == 1;
    let dependencies = manifest.get("dependencies")?.as_table()?;
    let chosen = package.get("metadata").and_then(|metadata| metadata.get("orket")?.get("bin"));
    if !dependencies.contains_key(SDK) || !has_one_program || chosen.is_some() {
        return None;
    }
    let name = package.get("name")?.as_str()?.to_owned();
    let workspace_root = root.clone();
    Some(Extension { name, root, manifest_path, programs: Vec::new(), chosen_program: None, workspace_root })
}
