//! Finds, checks and stages the files that a workload declares. Nothing of the author's has run yet.

use crate::error::{Error, Phase};
use crate::store;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::Issue;
use orket_contract::limit::MATERIAL_BYTES_MAX;
use orket_contract::manifest::Material;
use orket_contract::material;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::io::{Read, Write};
use std::path::Path;
use std::time::SystemTime;

/// A file as it was staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagedMaterial {
    /// Its path below the project root and below `workspace/`, with `/`.
    pub path: String,
    /// The digest of its bytes.
    pub sha256: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// Copies the declared materials of a project into `workspace`, sorted by path.
///
/// # Errors
/// `material.path`, `material.missing`, `material.escapes`, `material.changed`: all that are found.
pub(crate) fn stage(
    root: &Path,
    declared: &[Material],
    workspace: &Path,
) -> Result<Vec<StagedMaterial>, Error> {
    let mut files: BTreeMap<String, Option<&str>> = BTreeMap::new();
    let mut issues = Vec::new();
    for material in declared {
        match find(root, &material.path) {
            Ok(found) => {
                for path in found {
                    let wanted = files.entry(path).or_default();
                    *wanted = wanted.or(material.sha256.as_deref());
                }
            }
            Err(issue) => issues.push(issue),
        }
    }
    let mut staged = Vec::new();
    for (path, wanted) in files {
        let material = copy(root, &path, workspace)?;
        issues.extend(changed(&material, wanted));
        staged.push(material);
    }
    if issues.is_empty() { Ok(staged) } else { Err(Error::Refused { phase: Phase::Preflight, issues }) }
}

/// The files that a pattern names, as paths below the root, sorted.
pub(crate) fn find(root: &Path, pattern: &str) -> Result<Vec<String>, Issue> {
    material::check(pattern)
        .map_err(|fault| Issue::error(code::MATERIAL_PATH, format!("`{pattern}`: {fault}")))?;
    let mut found = vec![String::new()];
    for segment in pattern.split('/') {
        found = found.iter().flat_map(|above| step(root, above, segment)).collect();
    }
    let mut files = Vec::new();
    for path in found {
        if let Some(file) = inside(root, &path)? {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        let message = format!("no file matches the material `{pattern}` below {}", root.display());
        return Err(Issue::error(code::MATERIAL_MISSING, message)
            .with_hint("a material names files; `*` stands for any characters within one folder"));
    }
    Ok(files)
}

/// What one more segment of a pattern leads to.
fn step(root: &Path, above: &str, segment: &str) -> Vec<String> {
    let below = |name: &str| if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
    if !segment.contains('*') {
        return vec![below(segment)];
    }
    let names = fs::read_dir(root.join(above)).into_iter().flatten().flatten();
    names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            material::matches(segment, name) && (!name.starts_with('.') || segment.starts_with('.'))
        })
        .map(|name| below(&name))
        .collect()
}

/// The path, when it is a regular file that lies below the root after all links are resolved.
fn inside(root: &Path, path: &str) -> Result<Option<String>, Issue> {
    let Ok(real) = root.join(path).canonicalize() else { return Ok(None) };
    if !real.starts_with(root) {
        let message = format!("the material `{path}` leads to {}, outside of the project", real.display());
        return Err(Issue::error(code::MATERIAL_ESCAPES, message));
    }
    Ok(real.is_file().then(|| path.to_owned()))
}

fn copy(root: &Path, path: &str, workspace: &Path) -> Result<StagedMaterial, Error> {
    let (from, to) = (root.join(path), workspace.join(path));
    if let Some(above) = to.parent() {
        store::create_dir(above)?;
    }
    let mut source = File::open(&from).map_err(Error::store("read", &from))?.take(MATERIAL_BYTES_MAX + 1);
    let mut target = File::create_new(&to).map_err(Error::store("write", &to))?;
    let (mut hasher, mut size) = (Hasher::default(), 0);
    let mut chunk = vec![0; 64 << 10];
    loop {
        let read = source.read(&mut chunk).map_err(Error::store("read", &from))?;
        if read == 0 {
            break;
        }
        size += read as u64;
        hasher.update(&chunk[..read]);
        target.write_all(&chunk[..read]).map_err(Error::store("write", &to))?;
    }
    if size > MATERIAL_BYTES_MAX {
        let message = format!("the material `{path}` has more than {MATERIAL_BYTES_MAX} bytes");
        return Err(Error::refused(Phase::Preflight, Issue::error(code::MATERIAL_PATH, message)));
    }
    seal(&target, &to)?;
    Ok(StagedMaterial { path: path.to_owned(), sha256: hasher.finish(), size })
}

/// Makes a staged file read-only and gives it a time that says nothing.
fn seal(file: &File, path: &Path) -> Result<(), Error> {
    let epoch = FileTimes::new().set_accessed(SystemTime::UNIX_EPOCH).set_modified(SystemTime::UNIX_EPOCH);
    file.set_times(epoch).map_err(Error::store("write", path))?;
    let mut permissions = file.metadata().map_err(Error::store("write", path))?.permissions();
    permissions.set_readonly(true);
    file.set_permissions(permissions).map_err(Error::store("write", path))
}

fn changed(material: &StagedMaterial, wanted: Option<&str>) -> Option<Issue> {
    let wanted = wanted?;
    let actual = material.sha256.to_string();
    (actual != wanted).then(|| {
        let message =
            format!("the material `{}` has the digest {actual}, declared is {wanted}", material.path);
        Issue::error(code::MATERIAL_CHANGED, message).with_hint("restore the file, or declare the new digest")
    })
}

/// The digest over a list of staged materials.
///
/// # Errors
/// Never for a list made by [`stage`]: a size is within JSON's integers.
pub(crate) fn digest(staged: &[StagedMaterial]) -> Result<Digest, Error> {
    Digest::within_json(orket_contract::digest::domain::MATERIALS, staged)
        .map_err(|fault| Error::refused(Phase::Preflight, Issue::error(fault.code, fault.message)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A project with `content/{a,b}.yaml`, a link inside, a link out, and a sibling with a similar name.
    fn project() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("temp dir");
        for (path, text) in [
            ("proj/content/a.yaml", "a"),
            ("proj/content/b.yaml", "b"),
            ("proj-evil/x.yaml", "x"),
            ("proj/c.txt", "c"),
        ] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("folder")).expect("folder");
            fs::write(path, text).expect("file");
        }
        symlink("../c.txt", dir.path().join("proj/content/inside.yaml")).expect("link");
        symlink("../proj-evil/x.yaml", dir.path().join("proj/out.yaml")).expect("link");
        dir
    }

    fn run(patterns: &[(&str, Option<&str>)]) -> Result<Vec<String>, Vec<String>> {
        let dir = project();
        let declared: Vec<_> = patterns
            .iter()
            .map(|(path, sha256)| Material { path: (*path).to_owned(), sha256: sha256.map(str::to_owned) })
            .collect();
        let root = dir.path().join("proj").canonicalize().expect("root");
        let staged = stage(&root, &declared, &dir.path().join("workspace"));
        staged
            .map(|files| files.into_iter().map(|file| file.path).collect())
            .map_err(|error| error.issues().into_iter().map(|issue| issue.code).collect())
    }

    #[test]
    fn patterns_are_staged_sorted_and_once() {
        let files = run(&[("content/*.yaml", None), ("content/a.yaml", None), ("c.txt", None)]);
        assert_eq!(
            files,
            Ok(vec!["c.txt", "content/a.yaml", "content/b.yaml", "content/inside.yaml"]
                .into_iter()
                .map(String::from)
                .collect())
        );
    }

    #[test]
    fn missing_escaping_and_changed_materials_have_their_own_codes() {
        let zeros = "0".repeat(64);
        let refused = run(&[
            ("absent.txt", None),
            ("content", None),
            ("out.yaml", None),
            ("../proj-evil/x.yaml", None),
            ("c.txt", Some(&zeros)),
        ]);
        let expected = [
            code::MATERIAL_MISSING,
            code::MATERIAL_MISSING,
            code::MATERIAL_ESCAPES,
            code::MATERIAL_PATH,
            code::MATERIAL_CHANGED,
        ];
        assert_eq!(refused, Err(expected.map(str::to_owned).to_vec()));
    }
}
