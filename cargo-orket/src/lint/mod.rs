//! What an extension may not name, found in two layers: the crate graph, and rustc's own name resolution.
//!
//! The lint is a courtesy that speaks early; the sandbox is the boundary.

mod compiler;
mod finding;
mod graph;
mod python;
pub(crate) mod wrapper;

pub(crate) use finding::{Finding, Layer};
pub(crate) use python::{findings as python, sources};

use crate::args::Selection;
use crate::cargo;
use crate::error::{Error, Result};
use crate::project::Extension;
use crate::report::Report;
use cargo_metadata::Metadata;

/// All findings in extensions, sorted by place.
///
/// # Errors
/// `build.failed` when an extension does not compile: then there is no answer.
pub(crate) fn lint(extensions: &[Extension], selection: &Selection, report: &Report) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for group in extensions.chunk_by(|a, b| a.workspace_root == b.workspace_root) {
        let metadata = resolve(&group[0], selection, report)?;
        for extension in group {
            findings.extend(graph::findings(&metadata, &extension.manifest_path));
        }
        findings.extend(compiler::findings(group, &metadata, selection, report)?);
    }
    findings.sort_by(|a, b| (&a.span, a.code).cmp(&(&b.span, b.code)));
    findings.dedup();
    Ok(findings)
}

/// The whole crate graph: all features, all platforms.
fn resolve(extension: &Extension, selection: &Selection, report: &Report) -> Result<Metadata> {
    let mut command = cargo::command("metadata", report);
    command
        .args(["--format-version", "1", "--all-features", "--manifest-path"])
        .arg(&extension.manifest_path);
    command.args(selection.lock.words());
    serde_json::from_slice(&cargo::output(command)?.stdout).map_err(Error::Answer)
}
