//! `install`: from a folder, a git repository or a package into the user's home, published last.

use super::package::Built;
use super::source;
use crate::args::{InstallArgs, Selection};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::project;
use crate::report::{Message, Report};
use orket_engine::catalog::{Catalog, Installed, Method, Place};
use orket_engine::home::Home;
use orket_engine::package::{self, Package};
use orket_engine::source::{Address, SOURCE_BYTES_MAX, Source};
use orket_engine::store::Stage;
use orket_engine::{git, install, loader};
use std::path::Path;

/// Installs, and tells which workloads can be run now.
pub(super) fn run(args: &InstallArgs, report: &Report) -> Result<Exit> {
    let home = Home::of_environment()?;
    let config = Config::read(&home)?;
    let mut place = unread(&args.source);
    let installed = allowed(args, &config, report).and_then(|source| {
        place = source.place(None);
        take(&home, &source, args, report)
    });
    let installed = installed.inspect_err(|error| audit(&home, &place, error))?;
    tell(&home, &installed, report);
    Ok(Exit::Ok)
}

/// What the source is, if the policy allows it.
fn allowed(args: &InstallArgs, config: &Config, report: &Report) -> Result<Source> {
    if args.selection.manifest.manifest_path.is_some() {
        let message = "`install` takes the folder of a project, not `--manifest-path`";
        return Err(Error::Usage(message.to_owned()));
    }
    source::allowed(&args.source, args.rev.as_deref(), config, report)
}

/// Gets or makes the package in a fresh folder and publishes it.
fn take(home: &Home, source: &Source, args: &InstallArgs, report: &Report) -> Result<Installed> {
    let stage = home.store().stage()?;
    let (mut package, commit) = match source {
        Source::Package(path) => (package::open(path)?, None),
        Source::Folder(folder) => (packed(folder, None, &stage, &args.selection, report)?, None),
        Source::Git { address, rev } => {
            let to = stage.dir().join("source");
            let fetched = source::fetched(address, rev.as_deref(), &to, SOURCE_BYTES_MAX, report)?;
            let origin = origin(address, &fetched.commit);
            (packed(&to, Some(origin), &stage, &args.selection, report)?, Some(fetched.commit))
        }
    };
    Ok(install::publish(home, &mut package, source.place(commit))?)
}

/// The origin of what was fetched; a repository on this machine has no name elsewhere.
fn origin(address: &Address, commit: &str) -> loader::Source {
    let url = if address.host.is_some() { address.to_string() } else { String::new() };
    loader::Source { clean: true, commit: Some(commit.to_owned()), url }
}

/// Builds the project in a folder, unless it is Python, and packs it.
fn packed(
    folder: &Path,
    origin: Option<loader::Source>,
    stage: &Stage,
    selection: &Selection,
    report: &Report,
) -> Result<Package> {
    let mut selection = selection.clone();
    let is_python = project::is_python(folder);
    selection.manifest.manifest_path =
        Some(if is_python { folder.to_path_buf() } else { folder.join("Cargo.toml") });
    Built::of(&selection, report)?.pack(&stage.dir().join("package.ork"), origin, report)
}

fn tell(home: &Home, installed: &Installed, report: &Report) {
    let workloads: Vec<_> = installed.workloads.iter().map(ToString::to_string).collect();
    report.status("Installed", &format!("{} {}", installed.id, installed.version));
    report.status("Workloads", &workloads.join(", "));
    report.status("Package", &format!("sha256:{}", installed.package));
    let state = home.state(&installed.id);
    report.message(&Message::Installed { extension: installed, present: true, state: state.dir() });
    let runs: Vec<_> = workloads.iter().map(|id| format!("cargo orket run {id}")).collect();
    report.next(&runs.iter().map(String::as_str).collect::<Vec<_>>());
}

/// What is on record of a source that could not be read: without what may be secret in it.
fn unread(word: &str) -> Place {
    let location = git::without_credentials(word).escape_debug().to_string();
    Place { method: Method::Package, location, rev: None, commit: None }
}

/// Enters a refusal in the audit. What stands in the way of that would hide the refusal itself.
fn audit(home: &Home, place: &Place, error: &Error) {
    if let Some(issue) = error.issues().first() {
        let _ = Catalog::open(home).and_then(|mut catalog| catalog.refuse(place, &issue.code));
    }
}
