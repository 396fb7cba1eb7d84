//! `list`: the extensions here and their workloads. What the index knows is not built.

use crate::args::{ListArgs, PolicyArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::host;
use crate::project::{self, Extension, Index};
use crate::report::{Message, Report};
use orket_engine::ExtensionManager;
use std::fmt::Write as _;

/// Lists them in the order of their folders.
pub(super) fn run(args: &ListArgs, report: &Report) -> Result<Exit> {
    let project = project::discover(&args.selection, report)?;
    let mut index = Index::open(&project.target_directory);
    let unknown: Vec<Extension> =
        project.extensions.iter().filter(|extension| index.entry(extension).is_none()).cloned().collect();
    let mut manager = ExtensionManager::new(host::policy(&PolicyArgs::default())?, host::launcher()?);
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
    Ok(Exit::Ok)
}

fn described(extension: &Extension, entry: &project::Entry) -> String {
    let mut text = format!("{} {} (package {})", entry.id, entry.version, extension.name);
    for (id, description) in &entry.workloads {
        let summary = description.lines().next().unwrap_or_default();
        write!(text, "\n    {id:<20} {summary}").expect("a string grows");
    }
    text
}
