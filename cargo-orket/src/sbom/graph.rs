//! The packages that a program is built from, and which needs which.

use crate::project::Extension;
use cargo_metadata::{DependencyKind, Metadata, Node, Package, PackageId};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a package's code is in the program, or only took part in building it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// In the program.
    Runtime,
    /// Build scripts, procedural macros, and what these need.
    Build,
}

/// The packages below one package, by cargo's resolution without development dependencies.
pub(super) struct Graph<'a> {
    root: &'a Package,
    packages: BTreeMap<&'a PackageId, &'a Package>,
    nodes: BTreeMap<&'a PackageId, &'a Node>,
    runtime: BTreeSet<&'a PackageId>,
    all: BTreeSet<&'a PackageId>,
}

impl<'a> Graph<'a> {
    /// The graph of an extension within what is built, by name and version; none where cargo's answer lacks the package that it was asked about.
    pub(super) fn of(
        answer: &'a Metadata,
        extension: &Extension,
        built: &BTreeSet<(String, String)>,
    ) -> Option<Self> {
        let is_built =
            |package: &&Package| built.contains(&(package.name.to_string(), package.version.to_string()));
        let packages =
            answer.packages.iter().filter(is_built).map(|package| (&package.id, package)).collect();
        let nodes =
            answer.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| (&node.id, node)).collect();
        let root = answer
            .packages
            .iter()
            .find(|package| package.manifest_path.as_std_path() == extension.manifest_path)?;
        let mut graph = Self { root, packages, nodes, runtime: BTreeSet::new(), all: BTreeSet::new() };
        graph.runtime = graph.reached(|package, kind| kind == DependencyKind::Normal && !is_macro(package));
        graph.all = graph.reached(|_, _| true);
        Some(graph)
    }

    /// The package itself.
    pub(super) fn root(&self) -> &'a Package {
        self.root
    }

    /// Every other package, and where its code ends up.
    pub(super) fn components(&self) -> impl Iterator<Item = (&'a Package, Option<Scope>)> {
        let others = self.all.iter().filter(|id| **id != &self.root.id);
        others.filter_map(|id| {
            let scope = if self.runtime.contains(id) { Scope::Runtime } else { Scope::Build };
            Some((*self.packages.get(id)?, Some(scope)))
        })
    }

    /// Every package, and what it needs itself.
    pub(super) fn edges(&self) -> impl Iterator<Item = (&'a Package, impl Iterator<Item = &'a Package>)> {
        let needed = |id| self.needed(id).map(|(package, _)| package);
        self.all.iter().filter_map(move |id| Some((*self.packages.get(id)?, needed(id))))
    }

    /// What a package needs to be built, each once for every way that it needs it.
    fn needed(&self, id: &PackageId) -> impl Iterator<Item = (&'a Package, DependencyKind)> {
        let edges = self.nodes.get(id).into_iter().flat_map(|node| &node.deps);
        let edges = edges.flat_map(|edge| edge.dep_kinds.iter().map(|info| (&edge.pkg, info.kind)));
        let edges: BTreeSet<_> = edges
            .filter(|(_, kind)| *kind != DependencyKind::Development)
            .map(|(id, kind)| (id, kind == DependencyKind::Build))
            .collect();
        let packages = &self.packages;
        edges.into_iter().filter_map(|(id, is_build)| {
            let kind = if is_build { DependencyKind::Build } else { DependencyKind::Normal };
            Some((*packages.get(id)?, kind))
        })
    }

    fn reached(&self, follows: impl Fn(&Package, DependencyKind) -> bool) -> BTreeSet<&'a PackageId> {
        let (mut reached, mut next) = (BTreeSet::from([&self.root.id]), vec![&self.root.id]);
        while let Some(id) = next.pop() {
            for (package, kind) in self.needed(id) {
                if follows(package, kind) && reached.insert(&package.id) {
                    next.push(&package.id);
                }
            }
        }
        reached
    }
}

fn is_macro(package: &Package) -> bool {
    package.targets.iter().any(cargo_metadata::Target::is_proc_macro)
}
