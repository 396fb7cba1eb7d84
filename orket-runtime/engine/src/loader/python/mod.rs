//! Extensions of the older dialects: a folder with a manifest and Python, which a guest of ours runs.
//!
//! Invariants: reading one runs nothing of it. What was read is what is staged: every file is named by its digest, and
//! the digest of the extension is over all of them, the manifest and the guest. The guest greets with the bytes of
//! the manifest as they were staged, so static and sealed manifest and greeting agree as for a program.

mod guest;
mod interpreter;
mod sources;
#[cfg(test)]
mod tests;

pub(crate) use interpreter::Found;
pub use interpreter::Interpreter;

use super::{Candidate, Resolved};
use crate::error::{Error, Phase};
use crate::sandbox::Confinement;
use crate::store::Stage;
use orket_contract::digest::Digest;
use orket_contract::formats::{self, Dialect, Entrypoint, Format};
use orket_contract::issue::{Issue, Location};
use orket_contract::limit::MANIFEST_BYTES_MAX;
use orket_contract::manifest::Material;
use orket_contract::{capability, code};
use serde_json::{Value, json};
use sources::Source;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

/// The version of the listing that the digest of an extension is over.
const LISTING: &str = "orket/python-extension/v1";

/// What an extension in Python is besides its manifest.
#[derive(Debug)]
pub(crate) struct Python {
    facts: formats::Python,
    id: String,
    manifest: String,
    sources: Vec<Source>,
    interpreter: OnceLock<Found>,
}

/// The dialect of a candidate whose artifact is a manifest of before.
pub(super) fn dialect(artifact: &Path) -> Option<Dialect> {
    let dialect = Dialect::of_path(&artifact.to_string_lossy());
    (dialect != Dialect::Native).then_some(dialect)
}

/// Reads the manifest and digests the sources beside it.
///
/// # Errors
/// `manifest.*` and the other codes of manifests, `entrypoint.missing`, `material.*` for sources that cannot be taken.
pub(super) fn resolve(candidate: Candidate, dialect: Dialect) -> Result<Resolved, Error> {
    let Candidate { root, artifact, materials, store, origin, hold, installed } = candidate;
    let root = root.canonicalize().map_err(Error::store("find", &root))?;
    let materials = materials.canonicalize().map_err(Error::store("find", &materials))?;
    let refused = |issues| Error::Refused { phase: Phase::Resolve, issues };
    let mut file = File::open(&artifact).map_err(Error::store("open", &artifact))?;
    let text = text(&mut file, &artifact)?;
    let format = Format::of_path(&artifact.to_string_lossy()).unwrap_or(Format::Json);
    let loaded =
        formats::load_as(dialect, &text, format, &artifact.display().to_string()).map_err(refused)?;
    let Some(facts) = loaded.python else { return Err(refused(Vec::new())) };
    let sources = sources::collect(&materials).map_err(refused)?;
    let missing = missing(&facts, &sources, &artifact);
    if !missing.is_empty() {
        return Err(refused(missing));
    }
    let name = artifact.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let build = build(&text, &sources)?;
    let id = loaded.manifest.id.to_string();
    let python = Python { facts, id, manifest: name, sources, interpreter: OnceLock::new() };
    Ok(Resolved {
        root,
        artifact,
        materials,
        store,
        origin,
        _hold: hold,
        installed,
        program: file,
        stamp: None,
        build,
        notes: vec![text],
        manifest: loaded.manifest,
        compiler: None,
        machine_std: None,
        instructions: Vec::new(),
        warnings: loaded.warnings,
        python: Some(Box::new(python)),
        readable_lines: OnceLock::new(),
    })
}

/// The text of the manifest, of which no more is read than a manifest may have.
fn text(file: &mut File, path: &Path) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let most = MANIFEST_BYTES_MAX as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(Error::store("read", path))?;
    String::from_utf8(bytes).map_err(|_| {
        let place = Location { file: path.display().to_string(), ..Location::default() };
        let issue = Issue::error(code::MANIFEST_SYNTAX, "the manifest is not UTF-8").at(place);
        Error::refused(Phase::Resolve, issue)
    })
}

/// The digest of everything that an extension in Python consists of.
fn build(manifest: &str, sources: &[Source]) -> Result<Digest, Error> {
    let guest = guest::FILES.iter().map(|(path, text)| (*path, Digest::of(text.as_bytes())));
    let listing = json!({
        "format": LISTING,
        "guest": guest.collect::<BTreeMap<_, _>>(),
        "manifest": Digest::of(manifest.as_bytes()),
        "sources": sources,
    });
    Digest::of_json(&listing)
        .map_err(|fault| Error::refused(Phase::Resolve, Issue::error(fault.code, fault.message)))
}

/// The entrypoints whose module is no file of the extension: below its root, else below `src/`.
fn missing(facts: &formats::Python, sources: &[Source], manifest: &Path) -> Vec<Issue> {
    let is_there = |entrypoint: &Entrypoint| {
        let path = entrypoint.module.replace('.', "/");
        let ends = ["", "src/"]
            .iter()
            .flat_map(|above| [format!("{above}{path}.py"), format!("{above}{path}/__init__.py")]);
        ends.into_iter().any(|wanted| sources.iter().any(|source| source.path == wanted))
    };
    let absent = facts.entrypoints.iter().filter(|(_, entrypoint)| !is_there(entrypoint));
    let place = Location { file: manifest.display().to_string(), ..Location::default() };
    absent
        .map(|(workload, entrypoint)| {
            let module = &entrypoint.module;
            let message = format!(
                "the workload `{workload}` begins in `{module}`, which is no module of the extension"
            );
            let path = module.replace('.', "/");
            Issue::error(code::ENTRYPOINT_MISSING, message)
                .at(place.clone())
                .with_hint(format!("looked for `{path}.py` and `{path}/__init__.py`, there and below `src/`"))
        })
        .collect()
}

impl Python {
    pub(super) fn facts(&self) -> &formats::Python {
        &self.facts
    }

    /// What is staged: every source, by its digest.
    pub(super) fn materials(&self) -> Vec<Material> {
        let material =
            |source: &Source| Material { path: source.path.clone(), sha256: Some(source.sha256.to_string()) };
        self.sources.iter().map(material).collect()
    }

    /// The interpreter of this machine, looked for once.
    ///
    /// # Errors
    /// `python.missing`.
    pub(super) fn interpreter(&self) -> Result<&Found, Error> {
        if let Some(found) = self.interpreter.get() {
            return Ok(found);
        }
        let found = interpreter::find().map_err(|issue| Error::refused(Phase::Preflight, issue))?;
        Ok(self.interpreter.get_or_init(|| found))
    }

    /// Puts the guest into a stage and what it needs into a cell.
    ///
    /// # Errors
    /// `python.missing`, [`Error::Store`].
    pub(super) fn furnish(&self, stage: &Stage, cell: &mut Confinement) -> Result<Interpreter, Error> {
        let found = self.interpreter()?;
        guest::write(&stage.guest(), &self.described())?;
        found.confine(cell, &stage.guest());
        Ok(found.facts.clone())
    }

    /// What the guest is told of the extension.
    fn described(&self) -> Value {
        let entrypoints: BTreeMap<_, _> =
            self.facts.entrypoints.iter().map(|(id, at)| (id, [&at.module, &at.symbol])).collect();
        json!({
            "aliases": capability::ALIASES.iter().copied().collect::<BTreeMap<_, _>>(),
            "allowed_stdlib_modules": self.facts.allowed_stdlib_modules,
            "dialect": self.facts.dialect,
            "entrypoints": entrypoints,
            "id": self.id,
            "manifest": self.manifest,
        })
    }
}
