//! Which `Cargo.lock` a package is built with.

use super::Extension;
use std::path::{Path, PathBuf};

/// The lock file of the workspace that a package belongs to, as cargo looks for it.
pub(crate) fn lockfile(extension: &Extension) -> Option<PathBuf> {
    let root = workspace(&extension.root).unwrap_or(&extension.root);
    Some(root.join("Cargo.lock")).filter(|path| path.is_file())
}

/// The nearest folder, upwards, whose manifest has a `[workspace]` that does not exclude the package.
pub(crate) fn workspace(root: &Path) -> Option<&Path> {
    root.ancestors().find(|folder| {
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let Ok(manifest) = text.parse::<toml::Table>() else { return false };
        let Some(workspace) = manifest.get("workspace") else { return false };
        let listed = workspace.get("exclude").and_then(toml::Value::as_array);
        let mut excluded = listed.into_iter().flatten().filter_map(toml::Value::as_str);
        !excluded.any(|path| root.starts_with(folder.join(path)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_of_a_package_is_the_nearest_that_does_not_exclude_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "[workspace]\nmembers = [\"a\"]\nexclude = [\"examples\", \"own\"]\n");
        for name in ["a", "examples/b", "own"] {
            write(&format!("{name}/Cargo.toml"), "[package]\nname = \"a\"\n");
        }
        write("own/Cargo.toml", "[package]\nname = \"a\"\n[workspace]\n");
        let of = |name: &str| workspace(&folder.path().join(name)).map(Path::to_path_buf);
        assert_eq!(of("a").as_deref(), Some(folder.path()));
        assert_eq!(of("examples/b"), None);
        assert_eq!(of("own"), Some(folder.path().join("own")));
    }
}
