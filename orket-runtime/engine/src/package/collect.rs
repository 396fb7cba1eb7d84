//! Gathers what belongs into the package of an extension that was built: its program is the very file that was read, the
//! rest is what lies below its folders when it is packed.

use super::{Content, Contents, Kind, MATERIALS, PROGRAM, REPLAYS, SCHEMAS, refused};
use crate::error::{Error, Phase};
use crate::journal::case;
use crate::loader::{Origin, Resolved};
use crate::materials;
use orket_contract::issue::Issue;
use orket_contract::{canonical, code};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The program of an extension for `target`, its schemas, the materials of its workloads and its recorded
/// cases. One in Python has its manifest and sources among the materials, and no program.
///
/// # Errors
/// `material.*` for materials that are not there; `package.entry` for a case that is no folder of files.
pub fn collect(extension: &Resolved, target: &str, origin: Origin) -> Result<Contents, Error> {
    let (mut files, mut programs) = (Files::new(), BTreeMap::new());
    let kind = if extension.python().is_some() { Kind::Python } else { Kind::Native };
    if kind == Kind::Native {
        let program = format!("{PROGRAM}/{target}");
        files.insert(program.clone(), Content::Open(Arc::new(extension.program()?)));
        programs.insert(target.to_owned(), program);
    }
    add_schemas(extension, &mut files)?;
    add_materials(extension, &mut files)?;
    for folder in case::all(extension.root(), None)? {
        add_tree(extension.root(), &below(extension.root(), &folder)?, &mut files)?;
    }
    Ok(Contents {
        extension: extension.manifest().clone(),
        extension_digest: extension.manifest_digest(),
        files,
        kind,
        origin,
        programs,
    })
}

type Files = BTreeMap<String, Content>;

fn add_schemas(extension: &Resolved, files: &mut Files) -> Result<(), Error> {
    for workload in &extension.manifest().workloads {
        let text = canonical::to_string(&workload.input_schema)
            .map_err(|fault| refused(Issue::error(fault.code, fault.message)))?;
        let path = format!("{SCHEMAS}/{}.json", workload.id);
        files.insert(path, Content::Bytes(format!("{text}\n").into_bytes()));
    }
    Ok(())
}

fn add_materials(extension: &Resolved, files: &mut Files) -> Result<(), Error> {
    let mut issues = Vec::new();
    let workloads = extension.manifest().workloads.iter();
    for material in workloads.flat_map(|workload| extension.materials_of(workload)) {
        let (found, refused) = materials::find(extension.materials(), &material.path);
        files.extend(found.into_iter().map(|path| {
            let name = format!("{MATERIALS}/{path}");
            (name, Content::Below { root: extension.materials().to_path_buf(), path })
        }));
        issues.extend(refused);
    }
    if issues.is_empty() { Ok(()) } else { Err(Error::Refused { phase: Phase::Install, issues }) }
}

/// Adds all files below a folder of cases. What is hidden stays behind, as it does for `verify`.
fn add_tree(root: &Path, path: &str, files: &mut Files) -> Result<(), Error> {
    let folder = root.join(path);
    for entry in fs::read_dir(&folder).map_err(Error::store("list", &folder))? {
        let entry = entry.map_err(Error::store("list", &folder))?;
        let (at, kind) = (entry.path(), entry.file_type().map_err(Error::store("read", &folder))?);
        let name = entry.file_name().into_string().map_err(|_| not_a_file(&at, "has no UTF-8 name"))?;
        let path = format!("{path}/{name}");
        match () {
            () if name.starts_with('.') => {}
            () if kind.is_dir() => add_tree(root, &path, files)?,
            () if kind.is_file() => {
                files.insert(path.clone(), Content::Below { root: root.to_path_buf(), path });
            }
            () => return Err(not_a_file(&at, "is neither file nor folder")),
        }
    }
    Ok(())
}

fn not_a_file(path: &Path, why: &str) -> Error {
    refused(Issue::error(code::PACKAGE_ENTRY, format!("{} {why}", path.display())))
}

/// `replays/<workload>/<case>`.
fn below(root: &Path, folder: &Path) -> Result<String, Error> {
    let path: Option<PathBuf> = folder.strip_prefix(root).ok().map(Path::to_path_buf);
    let path =
        path.filter(|path| path.starts_with(REPLAYS)).and_then(|path| path.to_str().map(str::to_owned));
    path.ok_or_else(|| not_a_file(folder, "has no UTF-8 name"))
}
