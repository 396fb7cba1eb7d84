//! The checks of an extension as a whole, and those of its workloads.

use super::bench::Bench;
use super::checks::Checks;
use super::kind::{IMPORTS_PUBLIC, MANIFEST_HANDSHAKE, MANIFEST_SEALED, MANIFEST_VALID, RUNTIME_COMPATIBLE};
use super::subject::{Origin, Subject};
use super::{Examined, State, Wanted, workload};
use crate::error::{Error, Result};
use crate::lint::{self, Finding};
use crate::report::Report;
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_contract::manifest::{Manifest, Workload};
use orket_engine::loader::Resolved;
use orket_engine::{ExtensionManager, Policy};
use serde_json::{Value, json};
use std::path::Path;

/// Examines an extension; none where only a workload of another one is wanted.
///
/// # Errors
/// What kept it from an answer.
pub(super) fn examine(
    subject: &Subject,
    policy: &Policy,
    wanted: &Wanted<'_>,
    report: &Report,
) -> Result<Option<Examined>> {
    let mut checks = Checks::of(&subject.name);
    let bench = match Bench::open(&subject.candidate, policy) {
        Ok(bench) => bench,
        Err(Error::Host(error @ orket_engine::Error::Refused { .. })) => {
            checks.fail(MANIFEST_VALID, &error.issues()[0]);
            return Ok(Some(examined(subject.name.clone(), None, checks)));
        }
        Err(other) => return Err(other),
    };
    let Some(extension) = bench.home.extensions().next() else { return Ok(None) };
    let manifest = extension.manifest();
    let meant = meant(manifest, wanted.workload);
    if meant.is_empty() {
        return Ok(None);
    }
    let _progress = report.progress("Examining", manifest.id.as_str());
    let mut checks = Checks::of(manifest.id.as_str());
    let is_compatible = as_a_whole(&mut checks, &bench.home, &subject.origin, wanted, report)?;
    let mut all = examined(manifest.id.to_string(), Some(extension), checks);
    for workload in meant {
        if is_compatible {
            workload::examine(&bench, workload, wanted, &mut all.checks)?;
        }
    }
    handshake(&mut all.checks, manifest.id.as_str());
    all.conforms = all.checks.iter().all(|check| check.state != State::Fail);
    Ok(Some(all))
}

fn examined(id: String, extension: Option<&Resolved>, checks: Checks) -> Examined {
    let checks = checks.into_all();
    Examined {
        build: extension.map(|extension| extension.build().to_string()),
        conforms: checks.iter().all(|check| check.state != State::Fail),
        checks,
        id,
        manifest: extension.map(|extension| extension.manifest_digest().to_string()),
        version: extension.map(|extension| extension.manifest().version.clone()),
    }
}

/// The workloads that are wanted.
fn meant<'a>(manifest: &'a Manifest, wanted: Option<&str>) -> Vec<&'a Workload> {
    let is_meant = |workload: &&Workload| {
        let Some(wanted) = wanted else { return true };
        match wanted.split_once('/') {
            Some((extension, id)) => extension == manifest.id.as_str() && id == workload.id.as_str(),
            None => wanted == workload.id.as_str(),
        }
    };
    manifest.workloads.iter().filter(is_meant).collect()
}

/// What concerns all workloads at once; whether this host would run any of them.
fn as_a_whole(
    checks: &mut Checks,
    home: &ExtensionManager,
    origin: &Origin,
    wanted: &Wanted<'_>,
    report: &Report,
) -> Result<bool> {
    let extension = home.extensions().next().expect("a bench holds an extension");
    let manifest = extension.manifest();
    let digest = format!("manifest {}", extension.manifest_digest());
    checks.pass(MANIFEST_VALID, [digest, format!("workloads: {}", manifest.workloads.len())]);
    match origin {
        Origin::Built(artifact) => sealed(checks, extension, &artifact.path),
        Origin::Python => checks.skip(MANIFEST_SEALED, "nothing is built of an extension in Python"),
        Origin::Installed(_) => {
            checks.skip(MANIFEST_SEALED, "it is installed: its package is compared before each run");
        }
    }
    let unfit = orket_engine::compatible(manifest).into_iter().next();
    let versions = format!("extension API {}, Orket {}", manifest.extension_api_version, manifest.runtime);
    let is_compatible = checks.judge(RUNTIME_COMPATIBLE, unfit.map_or(Ok(vec![versions]), Err));
    let findings = match origin {
        Origin::Built(artifact) => {
            let one = std::slice::from_ref(&artifact.extension);
            lint::imports(one, wanted.selection, report)?.iter().map(Finding::issue).collect()
        }
        _ if extension.python().is_some() => lint::sources(home, extension)?,
        _ => {
            checks.skip(IMPORTS_PUBLIC, "its sources are not here: this is for where it is built");
            return Ok(is_compatible);
        }
    };
    let finding = findings.into_iter().find(Issue::is_error).map(placed);
    checks.judge(IMPORTS_PUBLIC, finding.map_or(Ok(Vec::new()), Err));
    Ok(is_compatible)
}

/// The issue with its place in words, which a table has no other room for.
fn placed(issue: Issue) -> Issue {
    match &issue.location {
        Some(at) => Issue { message: format!("{} ({}:{})", issue.message, at.file, at.line), ..issue },
        None => issue,
    }
}

/// Compares the manifest with the file that `build` wrote beside the program, where there is one.
fn sealed(checks: &mut Checks, extension: &Resolved, program: &Path) {
    let path = program.with_added_extension("manifest.json");
    let Ok(bytes) = std::fs::read(&path) else {
        return checks.skip(MANIFEST_SEALED, "nothing is sealed; `cargo orket build` seals it");
    };
    let sealed: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if sealed["artifact"]["sha256"] != json!(extension.build()) {
        return checks
            .skip(MANIFEST_SEALED, "what is sealed is another build; `cargo orket build` seals this one");
    }
    let verdict = if sealed["manifest"] == json!(extension.manifest()) {
        Ok(vec![format!("program {}", extension.build())])
    } else {
        let message = format!("{} holds another manifest than the program", path.display());
        Err(Issue::error(code::HANDSHAKE_MISMATCH, message).with_hint("cargo orket build"))
    };
    checks.judge(MANIFEST_SEALED, verdict);
}

/// Every run compares the handshake with the manifest; a run that got past it shows that they are equal.
fn handshake(all: &mut Vec<super::Check>, subject: &str) {
    let at = all.iter().position(|check| check.subject != subject).unwrap_or(all.len());
    let mut checks = Checks::of(subject);
    let lied = all.iter().find(|check| {
        check.code.as_deref() == Some(code::HANDSHAKE_MISMATCH) && check.name == MANIFEST_HANDSHAKE.name
    });
    if lied.is_none() {
        let got_past =
            all.iter().filter(|check| check.name == super::kind::RUN_ENDS.name && check.state == State::Pass);
        match got_past.count() {
            0 => checks.skip(MANIFEST_HANDSHAKE, "no run got as far as that"),
            count => checks.pass(MANIFEST_HANDSHAKE, [format!("workloads that greeted with it: {count}")]),
        }
    }
    all.splice(at..at, checks.into_all());
}
