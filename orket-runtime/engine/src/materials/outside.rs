//! Materials that the operator provides: files and folders outside of the project, by the names that are declared.

use super::find;
use orket_contract::issue::Issue;
use orket_contract::material;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where materials lie that are not the project's: below the name of each, all links resolved.
pub(crate) type Outside = BTreeMap<String, PathBuf>;

/// A file that a material names.
pub(super) struct Located {
    /// Where it is staged.
    pub(super) name: String,
    /// The folder that it must lie below.
    pub(super) root: PathBuf,
    /// Its path there.
    pub(super) path: String,
}

/// Names a file or folder of the operator's, as `NAME=PATH` says.
///
/// # Errors
/// What is wrong with it.
pub fn provided(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("it is of the form NAME=PATH")?;
    material::check(name).map_err(|fault| fault.to_string())?;
    if name.contains('*') {
        return Err("a file or folder has one name, and `*` stands for many".to_owned());
    }
    let real = Path::new(path).canonicalize().map_err(|error| format!("`{path}`: {error}"))?;
    Ok((name.to_owned(), real))
}

/// The files of a pattern, sorted, and what stands against it: below the longest name that the operator provides for
/// it, or else in the project.
pub(super) fn locate(project: &Path, outside: &Outside, pattern: &str) -> (Vec<Located>, Vec<Issue>) {
    let provided = outside.iter().rev().find_map(|(name, path)| Some((name, path, below(pattern, name)?)));
    match provided {
        None => found(project, "", pattern),
        Some((name, path, "")) => {
            let (root, file) =
                (path.parent(), path.file_name().map(|file| file.to_string_lossy().into_owned()));
            let root = root.unwrap_or(path).to_owned();
            (vec![Located { name: name.clone(), root, path: file.unwrap_or_default() }], Vec::new())
        }
        Some((name, path, rest)) => found(path, &format!("{name}/"), rest),
    }
}

/// What is left of a declared pattern below a provided name: nothing where it is that name.
#[must_use]
pub fn below<'a>(pattern: &'a str, name: &str) -> Option<&'a str> {
    let rest = pattern.strip_prefix(name)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

fn found(root: &Path, above: &str, pattern: &str) -> (Vec<Located>, Vec<Issue>) {
    let (paths, issues) = find(root, pattern);
    let located = |path: String| Located { name: format!("{above}{path}"), root: root.to_owned(), path };
    (paths.into_iter().map(located).collect(), issues)
}
