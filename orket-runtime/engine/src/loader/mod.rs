//! From a built program to an extension that has a name: read, hashed, never run.

mod compiler;
mod instructions;
mod lines;
pub mod note;
mod origin;
mod python;
mod stamp;
mod surroundings;

pub use instructions::{Finding, Instruction};
pub use lines::places;
pub use origin::{BuildFacts, Origin, Source};
pub use python::Interpreter;
pub(crate) use stamp::Stamp;

use crate::error::{Error, Phase};
use crate::materials::StagedMaterial;
use crate::sandbox::Confinement;
use crate::store::{Stage, Store};
use object::read::ReadCache;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::formats::{self, Dialect};
use orket_contract::id::WorkloadId;
use orket_contract::issue::{Issue, Location};
use orket_contract::manifest::{Manifest, Material, Workload};
use orket_contract::{code, suggest};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// The largest program that is read, in bytes (1 GiB).
const ARTIFACT_BYTES_MAX: u64 = 1 << 30;

/// A program that may be an extension.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The root of its project: recorded cases lie below it.
    pub root: PathBuf,
    /// The program; the manifest, where the extension is Python.
    pub artifact: PathBuf,
    /// Where its materials lie: the root of its project, or the folder that they were packed into.
    pub materials: PathBuf,
    /// Where its runs are kept.
    pub store: Store,
    /// Where it comes from.
    pub origin: Origin,
    /// A lock that keeps its files in place for as long as it is open.
    pub hold: Option<Arc<File>>,
    /// The digests of its materials by their paths, where it was installed.
    pub installed: Option<BTreeMap<String, Digest>>,
}

impl Candidate {
    /// A program of the project at `root`, whose runs are kept there; nothing is known of its origin.
    #[must_use]
    pub fn new(root: PathBuf, artifact: PathBuf) -> Self {
        let (store, materials) = (Store::of(&root), root.clone());
        Self { root, artifact, materials, store, origin: Origin::default(), hold: None, installed: None }
    }

    /// The extension in Python whose manifest, of one of the older dialects, lies in this folder; `None` when none does.
    ///
    /// # Errors
    /// `manifest.ambiguous` when several manifests lie there; [`Error::Store`] when the folder cannot be listed.
    pub fn of_folder(root: &Path) -> Result<Option<Self>, Error> {
        let entries = std::fs::read_dir(root).map_err(Error::store("list", root))?;
        let names: Vec<_> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found =
            formats::detect(&names).map_err(|issue| Error::refused(Phase::Resolve, issue.at(place(root))))?;
        let older = found.filter(|found| found.dialect != Dialect::Native);
        Ok(older.map(|found| Self::new(root.to_path_buf(), root.join(found.name))))
    }
}

/// An extension whose manifest was read from its artifact.
#[derive(Debug)]
pub struct Resolved {
    root: PathBuf,
    artifact: PathBuf,
    materials: PathBuf,
    store: Store,
    origin: Origin,
    _hold: Option<Arc<File>>,
    installed: Option<BTreeMap<String, Digest>>,
    program: File,
    stamp: Option<Stamp>,
    build: Digest,
    notes: Vec<String>,
    manifest: Manifest,
    compiler: Option<String>,
    machine_std: Option<Issue>,
    instructions: Vec<Finding>,
    warnings: Vec<Issue>,
    python: Option<Box<python::Python>>,
    /// Whether the tables of its lines can be read without harm, once somebody has looked.
    readable_lines: OnceLock<bool>,
}

/// Reads a candidate's program once: its digest and the manifest in it. Of an extension in Python, its manifest and
/// sources.
///
/// # Errors
/// `note.*` codes when there is no whole manifest in it; those of a manifest by hand, `entrypoint.missing` and
/// `material.*` when it is Python; [`Error::Store`] when it cannot be read.
pub fn resolve(candidate: Candidate) -> Result<Resolved, Error> {
    if let Some(dialect) = python::dialect(&candidate.artifact) {
        return python::resolve(candidate, dialect);
    }
    let Candidate { root, artifact, materials, store, origin, hold, installed } = candidate;
    let root = root.canonicalize().map_err(Error::store("find", &root))?;
    let materials = materials.canonicalize().map_err(Error::store("find", &materials))?;
    let mut program = File::open(&artifact).map_err(Error::store("open", &artifact))?;
    // Before the first byte is read, so that a change during the reading shows.
    let stamp = program.metadata().ok().and_then(|metadata| Stamp::of(&metadata, SystemTime::now()));
    let build = digest(&mut program, &artifact)?;
    let refused = |issues: Vec<Issue>| Error::Refused {
        phase: Phase::Resolve,
        issues: issues.into_iter().map(|issue| issue.at(place(&artifact))).collect(),
    };
    let cache = ReadCache::new(&mut program);
    let notes = note::read(&cache).map_err(|issue| refused(vec![issue]))?;
    let compiler = compiler::read(&cache);
    let machine_std = surroundings::machine_std(&cache).map(|issue| issue.at(place(&artifact)));
    let instructions = instructions::scan(&cache);
    let manifest = note::manifest(&notes).map_err(refused)?;
    Ok(Resolved {
        root,
        artifact,
        materials,
        store,
        origin,
        _hold: hold,
        installed,
        program,
        stamp,
        build,
        notes,
        manifest,
        compiler,
        machine_std,
        instructions,
        warnings: Vec::new(),
        python: None,
        readable_lines: OnceLock::new(),
    })
}

/// The digest of the program, read in pieces: a debug build may be large, and every run hashes it.
fn digest(program: &mut File, path: &Path) -> Result<Digest, Error> {
    let (mut hasher, mut piece, mut size) = (Hasher::default(), vec![0; 256 << 10], 0u64);
    loop {
        let read = program.read(&mut piece).map_err(Error::store("read", path))?;
        if read == 0 {
            return Ok(hasher.finish());
        }
        size += read as u64;
        if size > ARTIFACT_BYTES_MAX {
            let issue = Issue::error(code::NOTE_DAMAGED, "the program is larger than 1 GiB").at(place(path));
            return Err(Error::refused(Phase::Resolve, issue));
        }
        hasher.update(&piece[..read]);
    }
}

fn place(artifact: &Path) -> Location {
    Location { file: artifact.display().to_string(), line: 0, column: 0 }
}

impl Resolved {
    /// What the extension claims.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The root of its project.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where its materials lie.
    #[must_use]
    pub fn materials(&self) -> &Path {
        &self.materials
    }

    /// The program.
    #[must_use]
    pub fn artifact(&self) -> &Path {
        &self.artifact
    }

    /// Where its runs are kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where it comes from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The same, with what is known of where it comes from.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// How it was built: compiler and SDK as the program itself names them, and what whoever built it knows.
    #[must_use]
    pub fn built_with(&self, flags: Vec<String>, lockfile: Option<Digest>) -> BuildFacts {
        BuildFacts {
            flags,
            lockfile,
            rustc: self.compiler.clone().unwrap_or_else(|| "unknown".to_owned()),
            sdk: self.manifest.sdk_version.clone(),
        }
    }

    /// Whether the program's path still leads to the very file that was read, and nothing has changed that
    /// file since it was opened. `false` where that cannot be told.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let there = std::fs::metadata(&self.artifact).ok();
        let there = there.and_then(|metadata| Stamp::of(&metadata, SystemTime::now()));
        there.is_some() && there == self.stamp
    }

    /// The digest of the program's bytes.
    #[must_use]
    pub fn build(&self) -> Digest {
        self.build
    }

    /// The JSON of its manifest notes: what the running program must name too.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The digest over the manifest's bytes.
    #[must_use]
    pub fn manifest_digest(&self) -> Digest {
        Digest::of(self.notes.join("\n").as_bytes())
    }

    /// Why its standard library shows the machine's time, entropy and surroundings, if it does: such a program does not
    /// run in Reliable Mode. An extension in Python has what its guest replaces.
    #[must_use]
    pub fn machine_std(&self) -> Option<&Issue> {
        self.machine_std.as_ref()
    }

    /// What stands in the program that goes past its libraries; nothing in an extension in Python.
    #[must_use]
    pub fn instructions(&self) -> &[Finding] {
        &self.instructions
    }

    /// What is odd about its manifest without being wrong, such as a deprecated dialect.
    #[must_use]
    pub fn warnings(&self) -> &[Issue] {
        &self.warnings
    }

    /// What its workloads run as, when it is Python.
    #[must_use]
    pub fn python(&self) -> Option<&formats::Python> {
        self.python.as_ref().map(|python| python.facts())
    }

    /// What is staged for a workload: its materials, and of an extension in Python every source.
    pub(crate) fn materials_of(&self, workload: &Workload) -> Vec<Material> {
        let sources = self.python.iter().flat_map(|python| python.materials());
        workload.materials.iter().cloned().chain(sources).collect()
    }

    /// Compares what was staged with what was installed: nothing keeps others from changing files after they were checked.
    ///
    /// # Errors
    /// `material.changed`.
    pub(crate) fn as_installed(&self, staged: &[StagedMaterial]) -> Result<(), Error> {
        let Some(installed) = &self.installed else { return Ok(()) };
        let other = staged.iter().filter(|file| installed.get(&file.path) != Some(&file.sha256));
        let issue = |file: &StagedMaterial| {
            let message =
                format!("the material `{}` of `{}` is not what was installed", file.path, self.manifest.id);
            Issue::error(code::MATERIAL_CHANGED, message).with_hint("install the extension again")
        };
        let issues: Vec<_> = other.map(issue).collect();
        if issues.is_empty() { Ok(()) } else { Err(Error::Refused { phase: Phase::Preflight, issues }) }
    }

    /// Adds to a stage and a cell what runs the extension besides its program.
    ///
    /// # Errors
    /// `python.missing` where it is Python and there is none; [`Error::Store`].
    pub(crate) fn furnish(
        &self,
        stage: &Stage,
        cell: &mut Confinement,
    ) -> Result<Option<Interpreter>, Error> {
        self.python.as_ref().map(|python| python.furnish(stage, cell)).transpose()
    }

    /// The open program: the very file that was hashed; the interpreter, where the extension is Python.
    pub(crate) fn program(&self) -> Result<File, Error> {
        if let Some(python) = &self.python {
            return python.interpreter()?.program().map_err(Error::store("open", &self.artifact));
        }
        self.program.try_clone().map_err(Error::store("open", &self.artifact))
    }
}

/// The extension and workload of that name: `workload`, or `extension/workload`.
///
/// # Errors
/// `workload.unknown` with the known ones, `workload.ambiguous` with the ways to qualify.
pub fn find<'a>(extensions: &'a [Resolved], name: &str) -> Result<(&'a Resolved, &'a Workload), Issue> {
    let (owner, id) = name.split_once('/').map_or((None, name), |(owner, id)| (Some(owner), id));
    let mut found = extensions
        .iter()
        .filter(|extension| owner.is_none_or(|owner| extension.manifest.id.as_str() == owner))
        .filter_map(|extension| extension.manifest.workload(id).map(|workload| (extension, workload)));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(unknown(name, extensions)),
        (Some(first), Some(second)) => {
            let all = [first, second].into_iter().chain(found);
            Err(ambiguous(id, &all.map(|(extension, _)| extension).collect::<Vec<_>>()))
        }
    }
}

fn unknown(name: &str, extensions: &[Resolved]) -> Issue {
    let known: Vec<&WorkloadId> =
        extensions.iter().flat_map(|extension| extension.manifest.workloads.iter().map(|w| &w.id)).collect();
    let list = known.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    let issue = Issue::error(code::WORKLOAD_UNKNOWN, format!("no extension offers a workload `{name}`"));
    match suggest::nearest(name, known.iter().map(|id| id.as_str())) {
        Some(near) => issue.with_hint(format!("did you mean `{near}`? known workloads: {list}")),
        None if known.is_empty() => issue.with_hint("no extension was found here"),
        None => issue.with_hint(format!("known workloads: {list}")),
    }
}

fn ambiguous(id: &str, owners: &[&Resolved]) -> Issue {
    let names: Vec<_> = owners
        .iter()
        .map(|owner| format!("`{}` ({})", owner.manifest.id, owner.artifact.display()))
        .collect();
    let ids: std::collections::BTreeSet<_> = owners.iter().map(|owner| owner.manifest.id.as_str()).collect();
    let issue = Issue::error(
        code::WORKLOAD_AMBIGUOUS,
        format!("the workload `{id}` is offered by {}", names.join(" and ")),
    );
    if ids.len() < owners.len() {
        return issue.with_hint("two extensions have one id; select a package with `-p`");
    }
    let qualified: Vec<_> = ids.iter().map(|owner| format!("`{owner}/{id}`")).collect();
    issue.with_hint(format!("say which one: {}", qualified.join(" or ")))
}
