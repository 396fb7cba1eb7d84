//! Templates are whole and survive packing; examples stand alone and follow the workspace's versions.

use crate::error::{Finding, Result};
use crate::workspace::Workspace;
use cargo_metadata::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What every template has, of its own or in `common`.
const TEMPLATE_FILES: [&str; 5] =
    ["Cargo.toml.in", "README.md.in", "dot-gitignore", "src/lib.rs.in", "src/main.rs.in"];

/// The findings in templates and examples.
pub(super) fn findings(workspace: &Workspace, files: &BTreeSet<PathBuf>) -> Result<Vec<Finding>> {
    let mut findings = templates(files);
    let ours = workspace.packages()?;
    for manifest in workspace.examples()? {
        if !files.contains(&manifest.with_file_name("Cargo.lock")) {
            findings.push(Finding::new(shown(&manifest), "has no Cargo.lock beside it"));
        }
        for example in workspace.packages_of(&workspace.root.join(&manifest))? {
            findings.extend(example_findings(&shown(&manifest), &example, &ours));
        }
    }
    Ok(findings)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn templates(files: &BTreeSet<PathBuf>) -> Vec<Finding> {
    let below: Vec<&Path> = files.iter().filter_map(|path| path.strip_prefix("templates").ok()).collect();
    let described = below.iter().filter(|path| path.ends_with("template.toml"));
    let names = described.filter_map(|path| path.parent()?.to_str());
    let has = |name: &str, file: &str| below.contains(&Path::new(name).join(file).as_path());
    let mut findings = Vec::new();
    for name in names {
        let lacking = TEMPLATE_FILES.iter().filter(|file| !has(name, file) && !has("common", file));
        findings.extend(
            lacking.map(|file| Finding::new(format!("templates/{name}"), format!("has no `{file}`"))),
        );
    }
    let nested = below.iter().filter(|path| path.ends_with("Cargo.toml"));
    let nested = nested.map(|path| {
        let message = "cargo drops a nested package from a .crate silently; call it `Cargo.toml.in`";
        Finding::new(format!("templates/{}", path.display()), message)
    });
    findings.into_iter().chain(nested).collect()
}

fn example_findings(place: &str, example: &Package, ours: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let versions = versions(ours);
    for dependency in &example.dependencies {
        let (name, asked) = (dependency.name.as_str(), dependency.req.to_string());
        if let Some(ours) = versions.get(name).filter(|ours| **ours != asked && dependency.path.is_none()) {
            findings
                .push(Finding::new(place, format!("asks for `{name}` {asked}, the workspace for {ours}")));
        }
    }
    let minimum = ours.iter().find(|package| package.name == "orket-runtime");
    if example.rust_version != minimum.and_then(|package| package.rust_version.clone()) {
        findings.push(Finding::new(place, "has another `rust-version` than orket-runtime"));
    }
    findings
}

/// The version that the workspace asks for, of each external package.
fn versions(packages: &[Package]) -> BTreeMap<&str, String> {
    let all = packages.iter().flat_map(|package| &package.dependencies);
    all.filter(|dependency| dependency.path.is_none())
        .map(|dependency| (dependency.name.as_str(), dependency.req.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_lacks_something_or_would_not_be_packed_is_found() {
        let mut whole: BTreeSet<PathBuf> =
            TEMPLATE_FILES.iter().map(|file| Path::new("templates/a").join(file)).collect();
        whole.insert("templates/a/template.toml".into());
        assert_eq!(templates(&whole), []);
        let mut nested = whole.clone();
        nested.insert("templates/a/Cargo.toml".into());
        assert_eq!(templates(&nested).len(), 1);
        let mut torn = whole;
        torn.remove(Path::new("templates/a/src/lib.rs.in"));
        assert_eq!(templates(&torn)[0].message, "has no `src/lib.rs.in`");
        torn.insert("templates/common/src/lib.rs.in".into());
        assert_eq!(templates(&torn), []);
    }
}
