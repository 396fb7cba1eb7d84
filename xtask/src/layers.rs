//! Who may know whom: dependency edges between Orket's packages, compared with one table.
//!
//! Invariant: every kind of dependency counts, and an edge that is not in the table is refused.

use crate::error::{Finding, Result, report};
use crate::workspace::Workspace;
use cargo_metadata::{DependencyKind, Package};
use std::path::Path;

/// Each package and those that it may depend on.
const MAY_KNOW: [(&str, &[&str]); 9] = [
    ("orket-contract", &[]),
    ("orket-expansion", &["orket-contract"]),
    ("orket-macros", &["orket-expansion"]),
    ("orket-runtime", &["orket-contract", "orket-macros"]),
    ("orket-engine", &["orket-contract"]),
    ("cargo-orket", &["orket-contract", "orket-engine", "orket-expansion"]),
    ("orket-tests", &["cargo-orket", "orket-contract", "orket-engine", "orket-macros", "orket-runtime"]),
    ("orket-tests-ui", &["orket-runtime"]),
    ("xtask", &["orket-contract", "orket-expansion"]),
];

/// What an extension may depend on, as examples and templates do.
const EXTENSIONS_MAY_KNOW: &[&str] = &["orket-runtime"];

/// A dependency between two packages.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edge {
    from: String,
    to: String,
    kind: DependencyKind,
    /// Whether it asks for a feature; default features, where there are none, do not count.
    features: bool,
}

/// Compares the workspace, the examples and the templates with the table.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let packages = workspace.packages()?;
    let mut findings = unknown(&packages);
    findings.extend(edges(&packages).iter().filter_map(judge));
    for manifest in workspace.examples()? {
        let packages = workspace.packages_of(&workspace.root.join(&manifest))?;
        findings.extend(edges(&packages).iter().filter_map(|edge| judge_extension(&manifest, edge)));
    }
    let files = workspace.files()?;
    for manifest in
        files.iter().filter(|path| path.starts_with("templates") && path.ends_with("Cargo.toml.in"))
    {
        findings.extend(judge_template(manifest, &workspace.text(manifest)?));
    }
    report("layers", findings)
}

/// Packages that the table does not know: their edges would be judged by nothing.
fn unknown(packages: &[Package]) -> Vec<Finding> {
    let names = packages.iter().map(|package| package.name.as_str());
    names
        .filter(|name| MAY_KNOW.iter().all(|(known, _)| known != name))
        .map(|name| {
            Finding::new("xtask/src/layers.rs", format!("package `{name}` is not in the table of layers"))
        })
        .collect()
}

fn edges(packages: &[Package]) -> Vec<Edge> {
    let edge = |from: &Package, to: &cargo_metadata::Dependency| Edge {
        from: from.name.to_string(),
        to: to.name.clone(),
        kind: to.kind,
        features: !to.features.is_empty(),
    };
    packages
        .iter()
        .flat_map(|package| package.dependencies.iter().map(move |dependency| edge(package, dependency)))
        .filter(|edge| is_ours(&edge.to))
        .collect()
}

fn is_ours(name: &str) -> bool {
    MAY_KNOW.iter().any(|(known, _)| *known == name)
}

/// Refuses an edge between packages of the workspace.
fn judge(edge: &Edge) -> Option<Finding> {
    let Edge { from, to, kind, features } = edge;
    // A package that tests itself with all of its features names itself.
    if from == to && *kind == DependencyKind::Development {
        return None;
    }
    let allowed = MAY_KNOW.iter().find(|(name, _)| name == from).map_or(&[][..], |(_, allowed)| allowed);
    if !allowed.contains(&to.as_str()) {
        return Some(Finding::new(from, format!("may not depend on `{to}`; it may know {}", shown(allowed))));
    }
    // The macros are built for every extension: the contract's core without features costs nothing.
    if from == "orket-expansion" && *features {
        return Some(Finding::new(from, format!("may depend on `{to}` without features only")));
    }
    None
}

fn judge_extension(manifest: &Path, edge: &Edge) -> Option<Finding> {
    let allowed = EXTENSIONS_MAY_KNOW.contains(&edge.to.as_str());
    (!allowed).then(|| extension_finding(manifest, &edge.to))
}

/// A template's manifest is no TOML before it is rendered, so a mention counts.
fn judge_template(manifest: &Path, text: &str) -> Vec<Finding> {
    let named = MAY_KNOW.iter().map(|(name, _)| *name).filter(|name| !EXTENSIONS_MAY_KNOW.contains(name));
    named.filter(|name| text.contains(name)).map(|name| extension_finding(manifest, name)).collect()
}

fn extension_finding(manifest: &Path, name: &str) -> Finding {
    let message =
        format!("an extension may not depend on `{name}`; it may know {}", shown(EXTENSIONS_MAY_KNOW));
    Finding::new(manifest.display().to_string(), message)
}

fn shown(names: &[&str]) -> String {
    if names.is_empty() {
        return "nobody".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str) -> Edge {
        Edge { from: from.to_owned(), to: to.to_owned(), kind: DependencyKind::Normal, features: false }
    }

    #[track_caller]
    fn check(edge: &Edge, allowed: bool) {
        assert_eq!(judge(edge).is_none(), allowed, "{edge:?}");
    }

    #[test]
    fn edges_of_the_table_are_allowed_and_no_others() {
        check(&edge("orket-runtime", "orket-macros"), true);
        check(&edge("orket-runtime", "orket-engine"), false);
        check(&edge("orket-contract", "orket-macros"), false);
        check(&edge("orket-engine", "orket-runtime"), false);
        check(&edge("cargo-orket", "orket-runtime"), false);
        check(&edge("stranger", "orket-contract"), false);
    }

    #[test]
    fn tests_and_build_scripts_are_no_way_around() {
        for kind in [DependencyKind::Development, DependencyKind::Build] {
            check(&Edge { kind, ..edge("orket-engine", "orket-runtime") }, false);
            check(
                &Edge { kind, ..edge("orket-runtime", "orket-runtime") },
                kind == DependencyKind::Development,
            );
        }
    }

    #[test]
    fn the_macros_take_the_contract_without_features() {
        check(&edge("orket-macros", "orket-expansion"), true);
        check(&edge("orket-expansion", "orket-contract"), true);
        check(&Edge { features: true, ..edge("orket-expansion", "orket-contract") }, false);
    }

    #[test]
    fn extensions_know_the_sdk_alone() {
        let manifest = Path::new("examples/x/Cargo.toml");
        assert_eq!(judge_extension(manifest, &edge("x", "orket-runtime")), None);
        assert!(judge_extension(manifest, &edge("x", "orket-contract")).is_some());
        assert_eq!(judge_template(manifest, "orket-runtime = {{ sdk }}\n"), []);
        assert_eq!(judge_template(manifest, "orket-engine = \"1\"\n").len(), 1);
    }
}
