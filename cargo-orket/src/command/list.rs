//! `list`: the extensions here, then those that are installed. What the index knows is not built.

use crate::args::{ListArgs, PolicyArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::host;
use crate::project::{self, Extension, Index};
use crate::report::{Message, Report};
use orket_engine::catalog::Installed;
use orket_engine::home::Home;
use orket_engine::{ExtensionManager, install};
use std::fmt::Write as _;
use std::path::Path;

/// Lists those of the project in the order of their folders, and those that are installed by id and version.
pub(super) fn run(args: &ListArgs, report: &Report) -> Result<Exit> {
    let home = Home::of_environment();
    let installed = match &home {
        Ok(home) => install::installed(home)?,
        // Who has no home has installed nothing.
        Err(_) => Vec::new(),
    };
    let is_listed = !args.installed && list_here(args, &installed, report)?;
    if !is_listed && installed.is_empty() {
        report.status("Nothing", "is installed");
    }
    for extension in &installed {
        let state = home.as_ref().map(|home| home.state(&extension.id)).ok();
        report.text(&described_installed(extension));
        if let Some(state) = state {
            report.message(&Message::Installed { extension, present: true, state: state.dir() });
        }
    }
    Ok(Exit::Ok)
}

/// Lists those of the project, where there is one; without any, what is installed is all that was asked for.
fn list_here(args: &ListArgs, installed: &[Installed], report: &Report) -> Result<bool> {
    let selection = &args.selection;
    let may_lack = || !installed.is_empty() || project::manifest_path(selection).is_err();
    match here(args, report) {
        Err(error) if error.is_no_project() && host::may_be_installed(selection) && may_lack() => Ok(false),
        listed => listed.map(|()| true),
    }
}

fn here(args: &ListArgs, report: &Report) -> Result<()> {
    let project = project::discover(&args.selection, report)?;
    let mut index = Index::open(&project.target_directory);
    let unknown: Vec<Extension> =
        project.extensions.iter().filter(|extension| index.entry(extension).is_none()).cloned().collect();
    let mut manager = ExtensionManager::new(host::policy(&PolicyArgs::default())?);
    for artifact in project::build(&unknown, &args.selection, report)? {
        let manifest = host::load(&mut manager, &artifact)?.manifest();
        index.remember(&artifact.extension, manifest);
    }
    for extension in &project.extensions {
        if let Some(entry) = index.entry(extension) {
            report.text(&described(extension, entry));
            report.message(&Message::Extension {
                id: &entry.id,
                version: &entry.version,
                package: &extension.name,
                root: &extension.root,
                workloads: entry.workloads.keys().map(String::as_str).collect(),
            });
        }
    }
    project.python.iter().try_for_each(|folder| python(&mut manager, folder, report))
}

/// An extension in Python, and that its dialect is deprecated.
fn python(manager: &mut ExtensionManager, folder: &Path, report: &Report) -> Result<()> {
    let extension = project::load_python(manager, folder)?;
    let manifest = extension.manifest();
    let dialect = extension.python().map_or("native", |python| python.dialect.name());
    let mut text = format!("{} {} (Python, {dialect})", manifest.id, manifest.version);
    for workload in &manifest.workloads {
        write!(text, "\n    {:<20}", workload.id).expect("a string grows");
    }
    report.text(&text);
    report.message(&Message::Extension {
        id: manifest.id.as_str(),
        version: &manifest.version,
        package: &folder.file_name().unwrap_or_default().to_string_lossy(),
        root: extension.root(),
        workloads: manifest.workloads.iter().map(|workload| workload.id.as_str()).collect(),
    });
    extension.warnings().iter().for_each(|issue| report.issue(issue));
    Ok(())
}

fn described(extension: &Extension, entry: &project::Entry) -> String {
    let mut text = format!("{} {} (package {})", entry.id, entry.version, extension.name);
    for (id, description) in &entry.workloads {
        let summary = description.lines().next().unwrap_or_default();
        write!(text, "\n    {id:<20} {summary}").expect("a string grows");
    }
    text
}

fn described_installed(extension: &Installed) -> String {
    let place = &extension.place;
    let commit =
        place.commit.as_ref().map(|commit| format!(" at {}", commit.chars().take(12).collect::<String>()));
    let mut text = format!(
        "{} {} (installed from {}{})",
        extension.id,
        extension.version,
        place.location,
        commit.unwrap_or_default()
    );
    if !extension.current {
        text.push_str(" (another version runs)");
    }
    extension.workloads.iter().for_each(|id| write!(text, "\n    {id}").expect("a string grows"));
    text
}
