//! The packages that a lint is about: the members of the workspace that are compiled, but for the SDK's own.

use super::graph::OWN;
use crate::args::Selection;
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
    /// Where what is only needed on the way goes; often the same.
    scratch: PathBuf,
    members: Vec<Package>,
    sdk: Vec<PathBuf>,
}

impl Packages {
    /// Those of a workspace.
    pub(super) fn of(metadata: &Metadata, selection: &Selection) -> Self {
        let is_own = |package: &&Package| OWN.contains(&package.name.as_str());
        let members = metadata
            .packages
            .iter()
            .filter(|package| metadata.workspace_members.contains(&package.id) && !is_own(package));
        let sdk = metadata.packages.iter().filter(is_own);
        Self {
            workspace: metadata.workspace_root.clone().into(),
            target: selection.target_folder(metadata.target_directory.as_std_path()),
            scratch: metadata.build_directory.as_ref().unwrap_or(&metadata.target_directory).clone().into(),
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

    /// Whether a file is one that an author of a member writes: it lies in a member's folder, whatever path or link leads to
    /// it, and no build made it.
    pub(super) fn writes(&self, file: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let file = real(file);
        let built = [&self.target, &self.scratch];
        let mut folders = self.members.iter().filter_map(|package| package.manifest_path.parent());
        folders.any(|folder| file.starts_with(real(folder.as_std_path())))
            && !built.into_iter().any(|folder| file.starts_with(real(folder)))
    }

    /// Whether a file belongs to the SDK.
    pub(super) fn is_sdk(&self, file: &Path) -> bool {
        self.sdk.iter().any(|folder| file.starts_with(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    fn packages(root: &Path) -> Packages {
        let package = json!({
            "name": "a", "version": "1.0.0", "id": "a", "dependencies": [], "targets": [], "features": {},
            "manifest_path": root.join("a/Cargo.toml"),
        });
        let metadata = json!({
            "packages": [package], "workspace_members": ["a"], "workspace_root": root.join("a"),
            "target_directory": root.join("a/target"), "version": 1,
        });
        Packages::of(&serde_json::from_value(metadata).unwrap(), &Selection::default())
    }

    #[test]
    fn an_author_writes_what_lies_in_the_package() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for file in ["a/src/lib.rs", "a/target/out/made.rs", "shared/x.rs"] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "").unwrap();
        }
        std::os::unix::fs::symlink(root.join("shared/x.rs"), root.join("a/src/link.rs")).unwrap();
        std::os::unix::fs::symlink("lib.rs", root.join("a/src/same.rs")).unwrap();
        let packages = packages(root);
        let check = |file: &str, expected| assert_eq!(packages.writes(&root.join(file)), expected, "{file}");
        check("a/src/lib.rs", true);
        check("a/src/same.rs", true);
        check("a/src/link.rs", false);
        check("a/src/../../shared/x.rs", false);
        check("shared/x.rs", false);
        check("a/target/out/made.rs", false);
    }
}
