//! The components that a program is built from, as a CycloneDX 1.5 document.
//!
//! Invariants: equal sources, lock file, target and features give equal bytes. No time, no random number and no
//! path of the machine is in it. Source: CycloneDX 1.5 JSON schema; package-url specification, type `cargo`.

mod component;
mod graph;

use crate::args::Selection;
use crate::cargo;
use crate::error::{Error, Result};
use crate::project::{Extension, lockfile};
use crate::report::Report;
use component::{component, reference};
use graph::Graph;
use orket_contract::code;
use orket_contract::issue::Issue;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Describes what an extension is built from for a target.
///
/// # Errors
/// `build.failed` when cargo cannot resolve its dependencies; [`Error::File`], [`Error::Answer`].
pub(crate) fn describe(
    extension: &Extension,
    target: &str,
    selection: &Selection,
    report: &Report,
) -> Result<String> {
    let asked = |subcommand: &str, words: &[&str]| {
        let mut command = cargo::command(subcommand, report);
        command.args(words).arg("--manifest-path").arg(&extension.manifest_path);
        command.args(selection.feature_words()).args(selection.lock.words());
        Ok::<_, Error>(cargo::output(command)?.stdout)
    };
    let answer = asked("metadata", &["--format-version", "1", "--filter-platform", target])?;
    let answer: cargo_metadata::Metadata = serde_json::from_slice(&answer).map_err(Error::Answer)?;
    let words = ["--edges", "no-dev", "--prefix", "none", "--format", "{p}", "--target", target];
    let tree = asked("tree", &[&words[..], &["--package", &extension.name]].concat())?;
    let built = built(&String::from_utf8_lossy(&tree));
    let checksums = checksums(extension)?;
    let graph = Graph::of(&answer, extension, &built).ok_or_else(|| {
        let message = format!("`cargo metadata` does not name the package `{}`", extension.name);
        Issue::error(code::BUILD_FAILED, message)
    })?;
    let document = document(&graph, &checksums);
    let text = serde_json::to_string_pretty(&document).map_err(Error::Answer)?;
    Ok(text + "\n")
}

/// Names and versions of what `cargo tree` lists. What `cargo metadata` resolves has the features of development
/// dependencies too, and so packages that the program is not built from.
fn built(tree: &str) -> BTreeSet<(String, String)> {
    let package = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    };
    tree.lines().filter_map(package).collect()
}

fn document(graph: &Graph<'_>, checksums: &Checksums) -> Value {
    let mut components: Vec<_> =
        graph.components().map(|(package, scope)| component(package, scope, checksums)).collect();
    components.sort_by(|a, b| a["bom-ref"].as_str().cmp(&b["bom-ref"].as_str()));
    let mut dependencies: Vec<_> = graph
        .edges()
        .map(|(package, needed)| {
            let mut needed: Vec<_> = needed.map(reference).collect();
            needed.sort();
            json!({ "dependsOn": needed, "ref": reference(package) })
        })
        .collect();
    dependencies.sort_by(|a, b| a["ref"].as_str().cmp(&b["ref"].as_str()));
    let tool = json!({ "name": "cargo-orket", "type": "application", "version": env!("CARGO_PKG_VERSION") });
    let mut extension = component(graph.root(), None, checksums);
    extension["type"] = json!("application");
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "components": components,
        "dependencies": dependencies,
        "metadata": { "component": extension, "tools": { "components": [tool] } },
        "specVersion": "1.5",
        "version": 1,
    })
}

/// SHA-256 of packed crates, by name, version and source.
type Checksums = BTreeMap<(String, String, String), String>;

/// What is read of a lock file.
#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

/// The checksums of the lock file; cargo has just written or checked it.
fn checksums(extension: &Extension) -> Result<Checksums> {
    let Some(path) = lockfile(extension) else { return Ok(Checksums::new()) };
    let text = std::fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let lock: Lock =
        toml::from_str(&text).map_err(|error| Error::file("read", &path)(std::io::Error::other(error)))?;
    let entry = |locked: Locked| Some(((locked.name, locked.version, locked.source?), locked.checksum?));
    Ok(lock.package.into_iter().filter_map(entry).collect())
}
