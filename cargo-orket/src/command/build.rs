//! `build`: builds extensions, reads their manifests back and seals them.

use crate::args::{BuildArgs, PolicyArgs, Selection};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::project::Artifact;
use crate::report::{Message, Report};
use crate::{file, host, project, reproduce};
use orket_contract::canonical;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_engine::loader::Resolved;
use serde_json::json;
use std::path::PathBuf;

/// The version of the sealed form.
const FORMAT: u32 = 1;

/// Builds and seals; a manifest that is missing or incomplete is an error. A program that does not run in Reliable
/// Mode is sealed, and the answer is negative.
pub(super) fn run(args: &BuildArgs, report: &Report) -> Result<Exit> {
    let mut selection = args.selection.clone();
    selection.compilation.reproducible = args.reproducible;
    let (manager, artifacts) = host::open_known(&selection, &PolicyArgs::default(), None, report)?;
    project::needs_rust(artifacts.len(), "build")?;
    let mut exit = Exit::Ok;
    for (artifact, resolved) in artifacts.iter().zip(manager.extensions()) {
        let sealed = seal(artifact, resolved)?;
        let manifest = resolved.manifest();
        let shown = format!("{} {} ({})", manifest.id, manifest.version, artifact.path.display());
        report.status("Built", &shown);
        report.detail("Sealed", &sealed.display().to_string());
        report.message(&Message::Artifact {
            package: &artifact.extension.name,
            artifact: &artifact.path,
            sealed: Some(&sealed),
            manifest,
        });
        if let Some(issue) = resolved.machine_std() {
            report.issue(issue);
            exit = Exit::Negative;
        }
        if args.reproducible && !prove(artifact, &selection, report)? {
            exit = Exit::Negative;
        }
    }
    Ok(exit)
}

/// Whether another folder gives the same program; says so, or why not.
pub(super) fn prove(artifact: &Artifact, selection: &Selection, report: &Report) -> Result<bool> {
    for folder in reproduce::fixed(artifact) {
        report.warn(&format!(
            "the sources depend on {} by an absolute path; others must have it there",
            folder.display()
        ));
    }
    let proof = reproduce::prove(artifact, selection, report)?;
    report.message(&Message::Reproduced {
        package: &artifact.extension.name,
        holds: proof.holds(),
        proof: &proof,
    });
    if proof.holds() {
        report.status("Reproduced", &format!("{} as sha256:{}", artifact.extension.name, proof.here));
    }
    proof.issues().iter().for_each(|issue| report.issue(issue));
    Ok(proof.holds())
}

/// Writes `PROGRAM.manifest.json`, whole or not at all. Several extensions share one folder, hence the name.
fn seal(artifact: &Artifact, resolved: &Resolved) -> Result<PathBuf> {
    let lock = artifact.extension.workspace_root.join("Cargo.lock");
    let locked = std::fs::read(&lock).map_err(Error::file("read", &lock))?;
    let name = artifact.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sealed = json!({
        "artifact": { "name": name, "sha256": resolved.build() },
        "build": resolved.origin().build,
        "cargo_lock": { "sha256": Digest::of(&locked) },
        "format": FORMAT,
        "manifest": resolved.manifest(),
        "source": resolved.origin().source,
    });
    let text = canonical::to_string(&sealed).map_err(|fault| Issue::error(fault.code, fault.message))?;
    let path = artifact.path.with_file_name(format!("{name}.manifest.json"));
    file::write(&path, format!("{text}\n").as_bytes())?;
    Ok(path)
}
