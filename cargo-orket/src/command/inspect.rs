//! `inspect`: the manifest in a built program, which does not run for that.

use crate::args::{InspectArgs, PolicyArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report};
use crate::{host, project};
use orket_contract::canonical;
use orket_contract::manifest::{Manifest, Workload};
use orket_engine::ExtensionManager;
use orket_engine::capability::console::visible;
use orket_engine::loader::{Candidate, Finding, Resolved};
use std::path::Path;

/// Reads and shows the manifest.
pub(super) fn run(args: &InspectArgs, report: &Report) -> Result<Exit> {
    let artifact = args.artifact.clone();
    let root = match artifact.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => Path::new(".").to_path_buf(),
    };
    if project::is_python(&artifact) {
        let mut manager = ExtensionManager::new(host::policy(&PolicyArgs::default())?);
        return show(args, project::load_python(&mut manager, &artifact)?, report);
    }
    if !artifact.is_file() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::file("find the program", &artifact)(missing));
    }
    let mut manager = ExtensionManager::new(host::policy(&PolicyArgs::default())?);
    let resolved = manager.load(Candidate::new(root, artifact))?;
    show(args, resolved, report)
}

fn show(args: &InspectArgs, resolved: &Resolved, report: &Report) -> Result<Exit> {
    resolved.warnings().iter().for_each(|issue| report.issue(issue));
    let build = resolved.build().to_string();
    let manifest = resolved.manifest();
    if args.json && !report.is_for_machines() {
        let text = canonical::to_string(manifest)
            .map_err(|fault| Error::from(orket_contract::issue::Issue::error(fault.code, fault.message)))?;
        report.text(&text);
    } else {
        report.text(&[described(manifest, &build), instructions(resolved.instructions())].join("\n"));
    }
    let instructions = resolved.instructions();
    let path = &args.artifact;
    report.message(&Message::Manifest { path, build: Some(&build), manifest, instructions });
    Ok(Exit::Ok)
}

pub(super) fn described(manifest: &Manifest, build: &str) -> String {
    let mut lines = vec![format!("{} {}", manifest.id, manifest.version)];
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("  {name:<14} {value}"));
        }
    };
    fact("description", &manifest.description);
    fact("authors", &manifest.authors.join(", "));
    fact("license", &manifest.license);
    fact("repository", &manifest.repository);
    fact("extension API", &manifest.extension_api_version);
    fact("runtime", &manifest.runtime);
    fact("SDK", &manifest.sdk_version);
    fact("capabilities", &listed(&manifest.capabilities));
    fact("sha256", build);
    lines.extend(manifest.workloads.iter().map(workload));
    lines.join("\n")
}

/// What in the program goes past its libraries, and where.
fn instructions(found: &[Finding]) -> String {
    let mut lines = vec!["  instructions".to_owned()];
    lines.extend(found.iter().map(|found| format!("    {}", visible(&found.to_string()))));
    if found.is_empty() {
        lines[0].push_str("   none that go past its libraries");
    }
    lines.join("\n")
}

fn workload(workload: &Workload) -> String {
    let mut lines = vec![format!("  workload {} {}", workload.id, workload.version)];
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("    {name:<12} {value}"));
        }
    };
    fact("description", &workload.description);
    fact("capabilities", &listed(&workload.capabilities));
    let materials: Vec<_> = workload.materials.iter().map(|material| material.path.as_str()).collect();
    fact("materials", &materials.join(", "));
    let network: Vec<_> = workload.network.iter().map(ToString::to_string).collect();
    fact("network", &network.join(", "));
    let budget: Vec<_> =
        workload.budget.iter().map(|(resource, amount)| format!("{} {amount}", resource.key())).collect();
    fact("budget", &budget.join(", "));
    fact("plan", if workload.plan { "its own" } else { "" });
    fact("validators", &workload.validators.join(", "));
    fact("summarize", if workload.summarize { "its own" } else { "" });
    fact("input", &workload.input_schema.to_string());
    lines.join("\n")
}

fn listed<T: std::fmt::Display>(names: &[T]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
