//! What breaks replay or isolation, found in layers: the crate graph, rustc's own name resolution, clippy with our
//! configuration, the sources, the built program.
//!
//! Invariants: rustc and clippy take one pass; code that does not compile is a partial answer and never a pass;
//! a layer that is missing is named. The lint is a courtesy that speaks early; the sandbox is the boundary.

mod artifact;
mod compiler;
mod driver;
mod effect;
mod finding;
mod fix;
mod graph;
mod levels;
mod packages;
mod python;
mod refine;
mod source;
mod suppress;
pub(crate) mod wrapper;

pub(crate) use finding::{Edit, Finding, Label, Layer, Span, Suggestion};
pub(crate) use fix::{fix, permitted};
pub(crate) use python::{findings as python, sources};

use crate::args::Selection;
use crate::cargo;
use crate::error::{Error, Result};
use crate::project::{self, Extension};
use crate::report::Report;
use cargo_metadata::Metadata;
use driver::Driver;
use levels::Levels;
use orket_contract::code;
use orket_contract::issue::{Issue, Severity};
use packages::Packages;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use suppress::FIRM;

/// What is wanted of a lint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// Which packages, and how they are compiled.
    pub(crate) selection: &'a Selection,
    /// Whether a layer that is missing is an error.
    pub(crate) is_strict: bool,
    /// Whether the program is built where it is not there or older than its sources.
    pub(crate) builds: bool,
    /// The layers that are left out.
    pub(crate) without: &'a [Layer],
}

/// What a lint came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// All findings, by place.
    pub(crate) findings: Vec<Finding>,
    /// The layers that looked at everything.
    pub(crate) layers: Vec<Layer>,
    /// The layers that did not, and why.
    pub(crate) missing: Vec<(Layer, String)>,
    /// Why the answer is a partial one.
    pub(crate) failure: Option<Issue>,
    /// What was read of the files that a fix may change.
    texts: BTreeMap<PathBuf, String>,
}

/// Lints extensions.
///
/// # Errors
/// When cargo cannot be started, or cannot read a manifest.
pub(crate) fn lint(extensions: &[Extension], wish: Wish<'_>, report: &Report) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for group in extensions.chunk_by(|a, b| a.workspace_root == b.workspace_root) {
        workspace(group, wish, report, &mut outcome)?;
    }
    outcome.finish(wish);
    Ok(outcome)
}

/// What extensions import that they may not, and nothing else.
///
/// # Errors
/// As [`lint`]; `build.failed` when one of them does not compile.
pub(crate) fn imports(
    extensions: &[Extension],
    selection: &Selection,
    report: &Report,
) -> Result<Vec<Finding>> {
    let wish = Wish { selection, is_strict: false, builds: false, without: &[Layer::Artifact] };
    let outcome = lint(extensions, wish, report)?;
    match outcome.failure {
        Some(failure) => Err(failure.into()),
        None => Ok(outcome.findings.into_iter().filter(|finding| FIRM.contains(&finding.code)).collect()),
    }
}

/// Lints the extensions of one workspace.
fn workspace(group: &[Extension], wish: Wish<'_>, report: &Report, outcome: &mut Outcome) -> Result<()> {
    let wants = |layer| !wish.without.contains(&layer);
    let metadata = resolve(&group[0], wish.selection, report)?;
    let packages = Packages::of(&metadata, wish.selection);
    let mut findings = Vec::new();
    if wants(Layer::Graph) {
        for extension in group {
            let found = graph::findings(&metadata, &extension.manifest_path).into_iter();
            findings
                .extend(found.map(|finding| Finding { package: Some(extension.name.clone()), ..finding }));
        }
    }
    let mut driver = Driver::prepare(&packages.target, wants(Layer::Clippy), false, report)?;
    let mut told = BTreeSet::new();
    let mut pass = compiler::pass(group, &packages, &driver, wish.selection, report, &mut told)?;
    if pass.is_denied {
        driver = Driver::prepare(&packages.target, wants(Layer::Clippy), true, report)?;
        pass = compiler::pass(group, &packages, &driver, wish.selection, report, &mut told)?;
    }
    if driver.clippy.is_none() && wants(Layer::Clippy) {
        outcome.miss(Layer::Clippy, "the toolchain has no clippy; `rustup component add clippy` adds it");
    }
    if !pass.is_whole {
        outcome.failure.get_or_insert(cargo::failed_to("check", wish.selection));
    }
    let roots: Vec<_> = packages.looked_at(group, &pass.units);
    // Comments, imports and hashers are wanted by others, too.
    let mut sources = source::read(&packages, &pass.units, &roots);
    sources.findings.retain(|finding| wants(finding.layer));
    findings.extend(pass.findings.into_iter().filter(|finding| wants(finding.layer)));
    let mut findings = refine::refined(findings, &sources);
    programs(group, wish, report, outcome, &mut findings)?;
    let is_partial = !pass.is_whole || driver.clippy.is_none() || !wish.without.is_empty();
    suppress::apply(&mut findings, &sources, is_partial || !outcome.missing.is_empty());
    for package in &roots {
        let (levels, mistakes) = Levels::of(package);
        let (own, others): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .partition(|finding| finding.package.as_deref() == Some(package.name.as_str()));
        findings = others;
        findings.extend(own.into_iter().filter_map(|finding| levels.applied(finding)));
        findings.extend(mistakes);
    }
    outcome.texts.extend(fix::fixable(&mut findings, sources, &packages));
    outcome.findings.extend(findings);
    Ok(())
}

/// Looks at the programs of extensions, as far as they are built.
fn programs(
    group: &[Extension],
    wish: Wish<'_>,
    report: &Report,
    outcome: &mut Outcome,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    if wish.without.contains(&Layer::Artifact) {
        return Ok(());
    }
    let mut absent = Vec::new();
    for extension in group {
        match artifact::built(extension) {
            Some(program) => findings.extend(artifact::findings(&program, extension)?),
            None => absent.push(extension.clone()),
        }
    }
    if absent.is_empty() {
        return Ok(());
    }
    if !wish.builds || outcome.failure.is_some() {
        let names: Vec<_> = absent.iter().map(|extension| format!("`{}`", extension.name)).collect();
        let how = "`--build` builds first";
        outcome.miss(Layer::Artifact, &format!("{} is not built as it is now; {how}", names.join(", ")));
        return Ok(());
    }
    for artifact in project::build(&absent, wish.selection, report)? {
        findings.extend(artifact::findings(&artifact.path, &artifact.extension)?);
    }
    Ok(())
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

impl Outcome {
    fn miss(&mut self, layer: Layer, why: &str) {
        if self.missing.iter().all(|(missing, _)| *missing != layer) {
            self.missing.push((layer, why.to_owned()));
        }
    }

    /// Sorts, and says what a strict lint says of missing layers.
    fn finish(&mut self, wish: Wish<'_>) {
        for layer in wish.without {
            self.miss(*layer, "it is left out by `--without`");
        }
        let is_missing = |layer: &Layer| self.missing.iter().any(|(missing, _)| missing == layer);
        self.layers = Layer::RUST.into_iter().filter(|layer| !is_missing(layer)).collect();
        for (layer, why) in &self.missing {
            let is_asked = *layer != Layer::Artifact || wish.builds;
            if !wish.is_strict && (!is_asked || wish.without.contains(layer)) {
                continue;
            }
            let message = format!("the layer `{layer}` is missing: {why}");
            let level = if wish.is_strict { Severity::Error } else { Severity::Warning };
            let finding = Finding::error(*layer, code::LINT_INCOMPLETE, message);
            let help = "without it, what it alone sees is not found";
            self.findings.push(Finding { level, ..finding.with_help(help) });
        }
        self.findings.sort_by(|a, b| (&a.span, a.code, a.layer).cmp(&(&b.span, b.code, b.layer)));
        self.findings.dedup();
    }
}
