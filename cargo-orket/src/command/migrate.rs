//! `migrate`: the skeleton of a native extension from a manifest of before.

use super::wanted::Wanted;
use crate::args::{Ci, MigrateArgs, Vcs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::Report;
use crate::template::{Chosen, CrateName, Migrated, Template};
use orket_contract::code;
use orket_contract::formats::{self, Dialect, Format};
use orket_contract::issue::{Issue, Location};
use orket_contract::limit::MANIFEST_BYTES_MAX;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads the manifest and writes a crate that builds, lints and runs, and says of each workload that it is not ported.
pub(super) fn run(args: &MigrateArgs, report: &Report) -> Result<Exit> {
    let manifest = manifest(args.path.as_deref().unwrap_or(Path::new(".")))?;
    let migrated = read(&manifest, report)?;
    let name = name(args.output.as_deref(), &migrated)?;
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(name.as_str()));
    let target = std::path::absolute(&path).map_err(Error::file("find", &path))?;
    let target = target.components().collect::<PathBuf>();
    let sdk = args.sdk.as_deref();
    let (template, chosen) = (Template::migrated().with_ci(Ci::Github), Chosen::new());
    let wanted =
        Wanted { template: &template, name: &name, sdk, edition: "2024", vcs: Vcs::Git, chosen: &chosen };
    wanted.write(&target, &path, Some(&migrated), report)?;
    report.next(&[
        &format!("cd {}", path.display()),
        "read README.md, which lists what is left to port",
        &format!("cargo orket run {}", migrated.first()),
    ]);
    Ok(Exit::Ok)
}

/// The name of the new crate: that of its folder, else what the extension's id comes to.
fn name(output: Option<&Path>, migrated: &Migrated) -> Result<CrateName> {
    match output.and_then(Path::file_name) {
        Some(name) => Ok(CrateName::parse(&name.to_string_lossy())?),
        None => CrateName::near(migrated.id()).ok_or_else(|| {
            let message =
                format!("`{}` gives no name for a crate; name its folder with `--output`", migrated.id());
            Error::Usage(message)
        }),
    }
}

/// The manifest of before that is meant by its path or folder.
fn manifest(path: &Path) -> Result<PathBuf> {
    if path.is_file() && Dialect::of_path(&path.to_string_lossy()) != Dialect::Native {
        return Ok(path.to_path_buf());
    }
    let candidate = match path.is_dir() {
        true => orket_engine::loader::Candidate::of_folder(path)?,
        false => None,
    };
    candidate.map(|candidate| candidate.artifact).ok_or_else(|| {
        let place = Location { file: path.display().to_string(), ..Location::default() };
        let issue =
            Issue::error(code::PROJECT_NOT_FOUND, "there is no manifest of an older dialect here").at(place);
        issue.with_hint("those are `extension.yaml`, `.yml`, `.json` and `orket_extension.json`").into()
    })
}

fn read(path: &Path, report: &Report) -> Result<Migrated> {
    let file = std::fs::File::open(path).map_err(Error::file("read", path))?;
    let mut bytes = Vec::new();
    file.take(MANIFEST_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(Error::file("read", path))?;
    let shown = path.display().to_string();
    let refused =
        |issues| Error::Host(orket_engine::Error::Refused { phase: orket_engine::Phase::Resolve, issues });
    let text = String::from_utf8(bytes).map_err(|_| {
        let place = Location { file: shown.clone(), ..Location::default() };
        refused(vec![Issue::error(code::MANIFEST_SYNTAX, "the manifest is not UTF-8").at(place)])
    })?;
    let format = Format::of_path(&shown).unwrap_or(Format::Json);
    let loaded = formats::load_as(Dialect::of_path(&shown), &text, format, &shown).map_err(refused)?;
    let odd = loaded.warnings.iter().filter(|issue| issue.code != code::MANIFEST_DEPRECATED);
    odd.for_each(|issue| report.issue(issue));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match &loaded.python {
        Some(python) => Ok(Migrated::of(&loaded, python, &name)),
        None => Err(refused(vec![Issue::error(
            code::MANIFEST_UNSUPPORTED_VERSION,
            "the manifest is native already",
        )])),
    }
}
