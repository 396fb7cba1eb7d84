//! The packages that a lint is about: the members of the workspace that are compiled, but for the SDK's own.

use super::graph::OWN;
use crate::project::Extension;
use cargo_metadata::{Metadata, Package, PackageId};
use std::path::{Path, PathBuf};

/// What is known of them.
#[derive(Debug)]
pub(super) struct Packages {
    /// The folder that rustc names files from.
    pub(super) workspace: PathBuf,
    /// Where what is built goes.
    pub(super) target: PathBuf,
    members: Vec<Package>,
    sdk: Vec<PathBuf>,
}

impl Packages {
    /// Those of a workspace.
    pub(super) fn of(metadata: &Metadata) -> Self {
        let is_own = |package: &&Package| OWN.contains(&package.name.as_str());
        let members = metadata
            .packages
            .iter()
            .filter(|package| metadata.workspace_members.contains(&package.id) && !is_own(package));
        let sdk = metadata.packages.iter().filter(is_own);
        Self {
            workspace: metadata.workspace_root.clone().into(),
            target: metadata.target_directory.clone().into(),
            members: members.cloned().collect(),
            sdk: sdk.filter_map(|package| Some(package.manifest_path.parent()?.to_owned().into())).collect(),
        }
    }

    /// The packages that a pass was about: those that were asked for, and the members that they depend on.
    pub(super) fn looked_at(&self, group: &[Extension], units: &[(PathBuf, PathBuf)]) -> Vec<&Package> {
        let is_asked = |path: &Path| group.iter().any(|extension| extension.manifest_path == path);
        let is_compiled = |path: &Path| units.iter().any(|(_, manifest)| manifest == path);
        let paths = self.members.iter().map(|package| (package.manifest_path.as_std_path(), package));
        paths.filter(|(path, _)| is_asked(path) || is_compiled(path)).map(|(_, package)| package).collect()
    }

    /// The name of a member.
    pub(super) fn name(&self, id: &PackageId) -> Option<String> {
        let member = self.members.iter().find(|package| package.id == *id)?;
        Some(member.name.to_string())
    }

    /// The member whose folder holds a file: the innermost one, where they nest.
    pub(super) fn owner(&self, file: &Path) -> Option<&Package> {
        let folder =
            |package: &Package| package.manifest_path.parent().map(|path| path.as_std_path().to_path_buf());
        let around = self.members.iter().filter_map(|package| Some((folder(package)?, package)));
        let around = around.filter(|(folder, _)| file.starts_with(folder));
        around.max_by_key(|(folder, _)| folder.components().count()).map(|(_, package)| package)
    }

    /// Whether a file belongs to the SDK.
    pub(super) fn is_sdk(&self, file: &Path) -> bool {
        self.sdk.iter().any(|folder| file.starts_with(folder))
    }
}
