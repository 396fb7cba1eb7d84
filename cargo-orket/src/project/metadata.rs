//! What cargo says about a workspace, reduced to what concerns extensions.

use crate::addition::Crate;
use crate::args::Selection;
use crate::cargo;
use crate::error::{Error, Result};
use crate::report::Report;
use cargo_metadata::{Dependency, DependencyKind, Package};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The package that makes another one an extension.
pub(crate) const SDK: &str = "orket-runtime";

/// A package that is an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extension {
    /// The package's name.
    pub(crate) name: String,
    /// Its `Cargo.toml`.
    pub(crate) manifest_path: PathBuf,
    /// The folder of it: the root of the project.
    pub(crate) root: PathBuf,
    /// Its programs.
    pub(crate) programs: Vec<String>,
    /// The program that `[package.metadata.orket] bin` or `default-run` names.
    pub(crate) chosen_program: Option<String>,
    /// The folder that holds Cargo.lock.
    pub(crate) workspace_root: PathBuf,
}

/// A workspace.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// The members that are extensions.
    pub(crate) members: Vec<Extension>,
    /// The names of the members that depend on the SDK but have no program.
    pub(crate) without_program: Vec<String>,
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// The target folder.
    pub(crate) target_directory: PathBuf,
    /// `[workspace.metadata.orket] extensions`.
    pub(crate) listed: Vec<String>,
}

impl Metadata {
    /// Asks cargo, without resolving dependencies: that is fast and needs no network.
    pub(crate) fn read(manifest: &Path, selection: &Selection, report: &Report) -> Result<Self> {
        let mut command = cargo::command("metadata", report);
        command.args(["--no-deps", "--format-version", "1", "--manifest-path"]).arg(manifest);
        command.args(selection.lock.words());
        let answer = cargo::output(command)?.stdout;
        let answer: cargo_metadata::Metadata = serde_json::from_slice(&answer).map_err(Error::Answer)?;
        Ok(Self::of(&answer, selection))
    }

    fn of(answer: &cargo_metadata::Metadata, selection: &Selection) -> Self {
        let using = answer.packages.iter().filter(|package| uses_sdk(package));
        let (with, without): (Vec<_>, Vec<_>) = using.partition(|package| programs(package).next().is_some());
        let root = answer.workspace_root.as_std_path();
        Self {
            members: with.into_iter().map(|package| extension(package, root)).collect(),
            without_program: without.into_iter().map(|package| package.name.to_string()).collect(),
            target_directory: selection.target_folder(answer.target_directory.as_std_path()),
            listed: listed(&answer.workspace_metadata),
            root: root.to_path_buf(),
        }
    }
}

/// The crate of an extension, for whoever changes its sources: the library, or else the program.
///
/// # Errors
/// `build.failed` when cargo cannot read the manifest; [`Error::Usage`] when it names no source.
pub(crate) fn sources(extension: &Extension, selection: &Selection, report: &Report) -> Result<Crate> {
    let mut command = cargo::command("metadata", report);
    command.args(["--no-deps", "--format-version", "1", "--manifest-path"]).arg(&extension.manifest_path);
    command.args(selection.lock.words());
    let answer: cargo_metadata::Metadata =
        serde_json::from_slice(&cargo::output(command)?.stdout).map_err(Error::Answer)?;
    let package = answer.packages.iter().find(|package| package.manifest_path == extension.manifest_path);
    let package =
        package.ok_or_else(|| Error::Usage(format!("cargo knows no package `{}`", extension.name)))?;
    let root = package.targets.iter().find(|target| target.is_lib());
    let root = root.or_else(|| package.targets.iter().find(|target| target.is_bin()));
    let root = root.ok_or_else(|| Error::Usage(format!("`{}` has no source", extension.name)))?;
    let of = |name: &str| package.dependencies.iter().filter(move |one| one.name == name).collect::<Vec<_>>();
    let is_normal = |one: &&&Dependency| one.kind == DependencyKind::Normal;
    let sdk = of(SDK).iter().find(is_normal).and_then(|one| one.rename.clone());
    Ok(Crate {
        root: root.src_path.clone().into(),
        edition: root.edition.to_string(),
        sdk: sdk.unwrap_or_else(|| SDK.to_owned()).replace('-', "_"),
        tests: of(SDK).iter().any(|one| one.features.iter().any(|feature| feature == "testing")),
        serde: of("serde")
            .iter()
            .filter(is_normal)
            .any(|one| one.features.iter().any(|feature| feature == "derive")),
    })
}

fn uses_sdk(package: &Package) -> bool {
    let mut dependencies = package.dependencies.iter();
    dependencies.any(|dependency| dependency.name == SDK && dependency.kind == DependencyKind::Normal)
}

fn programs(package: &Package) -> impl Iterator<Item = &str> {
    package.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.as_str())
}

fn extension(package: &Package, workspace_root: &Path) -> Extension {
    let configured = package.metadata.pointer("/orket/bin").and_then(Value::as_str);
    let manifest_path = package.manifest_path.as_std_path();
    Extension {
        name: package.name.to_string(),
        root: manifest_path.parent().unwrap_or(Path::new("/")).to_path_buf(),
        manifest_path: manifest_path.to_path_buf(),
        programs: programs(package).map(str::to_owned).collect(),
        chosen_program: configured.map(str::to_owned).or_else(|| package.default_run.clone()),
        workspace_root: workspace_root.to_path_buf(),
    }
}

fn listed(metadata: &Value) -> Vec<String> {
    let list = metadata.pointer("/orket/extensions").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
}
