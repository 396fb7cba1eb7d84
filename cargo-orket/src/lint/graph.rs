//! The crate graph: an extension depends on the SDK and on nothing else of Orket.
//!
//! Packages are compared by id and by the name in their own manifest, so that a renamed dependency is the
//! package that it is. Normal, build and development dependencies count alike.

use super::finding::{Finding, Layer, Span};
use cargo_metadata::{Metadata, Node, Package, PackageId};
use orket_contract::code;

use std::collections::{HashMap, VecDeque};
use std::path::Path;

/// Orket's own packages, which may depend on each other.
pub(super) const OWN: [&str; 5] =
    ["orket-runtime", "orket-contract", "orket-macros", "orket-expansion", "orket-engine"];

/// The package that no route may lead to.
const ENGINE: &str = "orket-engine";

/// The findings for the package with that manifest.
pub(super) fn findings(metadata: &Metadata, manifest: &Path) -> Vec<Finding> {
    let Some(root) = metadata.packages.iter().find(|package| package.manifest_path.as_std_path() == manifest)
    else {
        return Vec::new();
    };
    let graph = Graph::of(metadata);
    let mut findings = Vec::new();
    for (from, to) in graph.edges_from(&root.id) {
        let (from, to) = (graph.packages[from], graph.packages[to]);
        if !OWN.contains(&from.name.as_str()) && OWN.contains(&to.name.as_str()) && to.name != "orket-runtime"
        {
            findings.push(finding(&graph.route(&root.id, &from.id), from, to));
        }
    }
    findings
}

struct Graph<'a> {
    packages: HashMap<&'a PackageId, &'a Package>,
    nodes: HashMap<&'a PackageId, &'a Node>,
}

impl<'a> Graph<'a> {
    fn of(metadata: &'a Metadata) -> Self {
        let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        Self {
            packages: metadata.packages.iter().map(|package| (&package.id, package)).collect(),
            nodes: nodes.map(|node| (&node.id, node)).collect(),
        }
    }

    /// All edges that can be reached, nearest first; each package is entered from where it was met first.
    fn edges_from(&self, root: &'a PackageId) -> Vec<(&'a PackageId, &'a PackageId)> {
        let mut edges = Vec::new();
        let mut seen = HashMap::from([(root, ())]);
        let mut waiting = VecDeque::from([root]);
        while let Some(from) = waiting.pop_front() {
            for to in
                self.nodes.get(from).into_iter().flat_map(|node| &node.deps).map(|dependency| &dependency.pkg)
            {
                edges.push((from, to));
                if seen.insert(to, ()).is_none() {
                    waiting.push_back(to);
                }
            }
        }
        edges
    }

    /// The names along the shortest way from one package to another.
    fn route(&self, root: &'a PackageId, to: &'a PackageId) -> Vec<&'a str> {
        let mut before: HashMap<&PackageId, &PackageId> = HashMap::new();
        for (from, next) in self.edges_from(root) {
            before.entry(next).or_insert(from);
        }
        let mut route = vec![self.packages[to].name.as_str()];
        let mut at = to;
        while at != root {
            at = before[at];
            route.push(self.packages[at].name.as_str());
        }
        route.reverse();
        route
    }
}

fn finding(route: &[&str], from: &Package, to: &Package) -> Finding {
    let what = if to.name == ENGINE { "the host" } else { "the SDK's own machinery" };
    let route: Vec<_> =
        route.iter().copied().chain([to.name.as_str()]).map(|name| format!("`{name}`")).collect();
    let message = format!("`{}` depends on `{}`, which is {what}", from.name, to.name);
    let hint = match route.len() {
        2 => format!(
            "remove the dependency; all that an extension needs is in `orket-runtime` (edge {})",
            route.join(" → ")
        ),
        _ => format!("remove the dependency that leads there: {}", route.join(" → ")),
    };
    Finding::error(Layer::Graph, code::IMPORT_ENGINE, message).at(place(from, to)).with_help(hint)
}

/// The line of the manifest that names the dependency, by its own name or by the one it was given.
fn place(from: &Package, to: &Package) -> Span {
    let file = from.manifest_path.clone().into_std_path_buf();
    let dependency = from.dependencies.iter().find(|dependency| dependency.name == to.name.as_str());
    let rename = dependency.and_then(|dependency| dependency.rename.as_deref());
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let names =
        |line: &&str| [rename, Some(to.name.as_str())].into_iter().flatten().any(|name| names(line, name));
    let line = text.lines().position(|line| names(&line)).map_or(0, |at| at as u32 + 1);
    Span::point(file, line, u32::from(line > 0))
}

/// Whether a line of a manifest is the entry, or the table, of a dependency.
fn names(line: &str, name: &str) -> bool {
    let table = line.trim().trim_matches(['[', ']']).rsplit('.').next().unwrap_or_default();
    let key = line.split(['=', '.']).next().unwrap_or_default();
    [table, key].iter().any(|word| word.trim().trim_matches('"') == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_found_in_every_spelling() {
        for line in [
            "orket-engine = \"1\"",
            "orket-engine.workspace = true",
            "\"orket-engine\" = { path = \"x\" }",
            "[dependencies.orket-engine]",
            "[target.'cfg(unix)'.dependencies.orket-engine]",
        ] {
            assert!(names(line, "orket-engine"), "{line}");
        }
        assert!(!names("name = \"orket-engine-user\"", "orket-engine"));
    }
}
