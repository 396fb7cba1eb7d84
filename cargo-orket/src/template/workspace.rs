//! Whether a new crate joins the cargo workspace around it.

use crate::project::matches;
use std::path::Path;

/// Whether the nearest workspace above a folder takes it in.
pub(crate) fn joins_workspace(folder: &Path) -> bool {
    for above in folder.ancestors().skip(1) {
        let Ok(text) = std::fs::read_to_string(above.join("Cargo.toml")) else { continue };
        let Ok(manifest) = text.parse::<toml::Table>() else { continue };
        if let Some(workspace) = manifest.get("workspace") {
            return folder.strip_prefix(above).is_ok_and(|below| takes_in(workspace, below));
        }
    }
    false
}

fn takes_in(workspace: &toml::Value, folder: &Path) -> bool {
    let lists = |key: &str, fits: fn(&str, &Path) -> bool| {
        let entries = workspace.get(key).and_then(toml::Value::as_array);
        entries.into_iter().flatten().filter_map(toml::Value::as_str).any(|entry| fits(entry, folder))
    };
    lists("members", is) && !lists("exclude", holds)
}

/// Whether a pattern of `members` names a folder.
fn is(pattern: &str, folder: &Path) -> bool {
    let pattern: Vec<&str> = segments(pattern).collect();
    let folder: Vec<_> = folder.iter().map(|segment| segment.to_string_lossy()).collect();
    pattern.len() == folder.len() && pattern.iter().zip(&folder).all(|(pattern, name)| matches(pattern, name))
}

/// Whether an entry of `exclude`, which is no pattern, names a folder or one around it.
fn holds(entry: &str, folder: &Path) -> bool {
    folder.starts_with(segments(entry).collect::<std::path::PathBuf>())
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty() && *segment != ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_take_in_and_exclude_keeps_out() {
        let workspace: toml::Table =
            "members = ['a', 'games/*', 'x/*']\nexclude = ['games/old', 'x']".parse().unwrap();
        let workspace = toml::Value::Table(workspace);
        let joins = |folder| takes_in(&workspace, Path::new(folder));
        assert!(joins("a") && joins("games/new"));
        assert!(!joins("b") && !joins("games/old") && !joins("games/new/deep") && !joins("x/y"));
    }
}
