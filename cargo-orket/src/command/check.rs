//! `check`: an extension, or a manifest file, without running anything of it.

use crate::args::CheckArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report, counted};
use crate::{host, lint, project};
use orket_contract::code;
use orket_contract::formats::{self, Dialect, Format, Found};
use orket_contract::issue::{Issue, Location, Severity};
use orket_engine::loader::Resolved;
use orket_engine::{ExtensionManager, Phase};
use std::path::{Path, PathBuf};

/// Reports every issue; an error among them, or with `--strict` a warning, is a no.
pub(super) fn run(args: &CheckArgs, report: &Report) -> Result<Exit> {
    let issues = match args.path.as_deref() {
        Some(path) if path.is_dir() && path.join("Cargo.toml").is_file() => {
            package(&within(args, path), report)?
        }
        Some(path) if project::is_python(path) || project::is_manifest(path) => python(args, path, report)?,
        Some(path) => file(path, report)?,
        None => package(args, report)?,
    };
    let issues: Vec<_> = issues.into_iter().map(|issue| judged(issue, args.strict)).collect();
    issues.iter().for_each(|issue| report.mistake(issue));
    let errors = issues.iter().filter(|issue| issue.is_error()).count();
    let warnings = issues.len() - errors;
    report.status("Checked", &format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")));
    Ok(Exit::of(&issues))
}

fn within(args: &CheckArgs, folder: &Path) -> CheckArgs {
    let mut selection = args.selection.clone();
    selection.manifest.manifest_path = Some(folder.join("Cargo.toml"));
    CheckArgs { path: None, selection, ..args.clone() }
}

/// With `--strict` a warning is an error.
fn judged(issue: Issue, strict: bool) -> Issue {
    match issue.severity {
        // That it is deprecated is nothing that could be mended within the dialect.
        Severity::Warning if strict && issue.code != code::MANIFEST_DEPRECATED => {
            Issue { severity: Severity::Error, ..issue }
        }
        _ => issue,
    }
}

/// Builds the extensions, reads their manifests back and asks whether this host would admit each workload.
fn package(args: &CheckArgs, report: &Report) -> Result<Vec<Issue>> {
    let services = host::services(&args.services)?;
    let (manager, artifacts) = host::open_known(&args.selection, &args.policy, None, report)?;
    let manager = manager.with_services(services);
    for (artifact, resolved) in artifacts.iter().zip(manager.extensions()) {
        report.message(&Message::Artifact {
            package: &artifact.extension.name,
            artifact: &artifact.path,
            sealed: None,
            manifest: resolved.manifest(),
        });
    }
    for python in manager.extensions().skip(artifacts.len()) {
        report.message(&Message::Manifest {
            path: python.artifact(),
            build: Some(&python.build().to_string()),
            manifest: python.manifest(),
            instructions: python.instructions(),
        });
    }
    let mut issues: Vec<Issue> = manager.extensions().flat_map(Resolved::warnings).cloned().collect();
    issues.extend(admission(&manager)?);
    if args.strict {
        for extension in manager.extensions() {
            issues.extend(lint::sources(&manager, extension)?);
        }
    }
    Ok(issues)
}

/// The same of the extension in Python whose manifest or folder is named; what its loader refuses is the answer.
fn python(args: &CheckArgs, path: &Path, report: &Report) -> Result<Vec<Issue>> {
    let mut selection = args.selection.clone();
    selection.manifest.manifest_path = Some(path.to_path_buf());
    let args = CheckArgs { path: None, selection, ..args.clone() };
    match package(&args, report) {
        Err(Error::Host(orket_engine::Error::Refused { phase: Phase::Resolve, issues })) => Ok(issues),
        checked => checked,
    }
}

fn admission(manager: &ExtensionManager) -> Result<Vec<Issue>> {
    let mut issues = Vec::new();
    for extension in manager.extensions() {
        for workload in &extension.manifest().workloads {
            match manager.admit(&format!("{}/{}", extension.manifest().id, workload.id)) {
                Ok(_) => {}
                Err(orket_engine::Error::Refused { phase: Phase::Admit, issues: found }) => {
                    issues.extend(found.into_iter().map(softened));
                }
                Err(other) => return Err(other.into()),
            }
        }
    }
    // Workloads share most of what stands against them.
    let mut unique: Vec<Issue> = Vec::new();
    issues.into_iter().for_each(|issue| {
        if !unique.contains(&issue) {
            unique.push(issue);
        }
    });
    Ok(unique)
}

/// A capability that this host lacks may be there on another one: a warning until the extension runs here.
fn softened(issue: Issue) -> Issue {
    match issue.code.as_str() {
        code::CAPABILITY_UNKNOWN | code::CAPABILITY_UNAVAILABLE => {
            Issue { severity: Severity::Warning, ..issue }
        }
        _ => issue,
    }
}

/// Reads a manifest file, or the one in a folder.
fn file(path: &Path, report: &Report) -> Result<Vec<Issue>> {
    let (path, format) = if path.is_dir() { detected(path)? } else { (path.to_path_buf(), named(path)?) };
    let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
    let shown = path.display().to_string();
    let text = String::from_utf8(bytes).map_err(|_| {
        let place = Location { file: shown.clone(), ..Location::default() };
        Issue::error(code::MANIFEST_SYNTAX, "the manifest is not UTF-8").at(place)
    })?;
    match formats::load_as(Dialect::of_path(&shown), &text, format, &shown) {
        Ok(loaded) => {
            let (manifest, instructions) = (&loaded.manifest, &[]);
            report.message(&Message::Manifest { path: &path, build: None, manifest, instructions });
            let place = Location { file: shown, ..Location::default() };
            let unfit = orket_engine::compatible(&loaded.manifest).into_iter();
            Ok(loaded.warnings.into_iter().chain(unfit.map(|issue| issue.at(place.clone()))).collect())
        }
        Err(issues) => Ok(issues),
    }
}

fn named(path: &Path) -> Result<Format> {
    Format::of_path(&path.to_string_lossy()).ok_or_else(|| {
        let message =
            format!("{} is neither a folder nor a .toml, .yaml, .yml or .json file", path.display());
        Error::Usage(message)
    })
}

fn detected(folder: &Path) -> Result<(PathBuf, Format)> {
    let entries = std::fs::read_dir(folder).map_err(Error::file("list", folder))?;
    let names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = Location { file: folder.display().to_string(), ..Location::default() };
    match formats::detect(&names).map_err(|issue| issue.at(place.clone()))? {
        Some(Found { name, format, .. }) => Ok((folder.join(name), format)),
        None => {
            let issue = Issue::error(code::PROJECT_NOT_FOUND, "there is no manifest and no Cargo.toml here")
                .at(place);
            Err(issue.into())
        }
    }
}
