//! `verify --rebuild`: whether the sources here, built in another folder, give the program that was recorded.

use crate::args::{PolicyArgs, VerifyArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::host::{self, relative};
use crate::project::{Artifact, REPRODUCIBLE};
use crate::report::{Message, Report};
use crate::reproduce::{self, Proof};
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_engine::journal::case::{self, Case};
use orket_engine::loader::{BuildFacts, Origin, Resolved};
use orket_engine::runs::{self, RecordedRun};
use serde_json::Value;
use std::path::PathBuf;

/// A build that a run or a case recorded.
struct Recorded {
    folder: PathBuf,
    program: Digest,
    facts: Option<BuildFacts>,
    commit: Option<String>,
}

/// Rebuilds every extension that is meant and compares it with its newest runs and its cases.
pub(super) fn run(args: &VerifyArgs, report: &Report) -> Result<Exit> {
    let mut selection = args.asked.selection.clone();
    let mut exit = Exit::Ok;
    let workload = args.workload.as_deref();
    let known = host::open_known(&selection, &PolicyArgs::default(), workload, report)?.0;
    let roots: Vec<_> = known.extensions().map(|extension| extension.root().to_path_buf()).collect();
    let mut met = 0;
    for reproducible in [false, true] {
        let wanted = |recorded: &Recorded| recorded.is_reproducible() == reproducible;
        let mut recorded = Vec::new();
        for extension in known.extensions() {
            recorded.push(
                of(extension, workload, args.case.as_deref())?.into_iter().filter(wanted).collect::<Vec<_>>(),
            );
        }
        if recorded.iter().all(Vec::is_empty) {
            continue;
        }
        selection.compilation.reproducible = reproducible;
        let (manager, artifacts) = host::open_known(&selection, &PolicyArgs::default(), workload, report)?;
        for (artifact, resolved) in artifacts.iter().zip(manager.extensions()) {
            let at = roots.iter().position(|root| root == resolved.root());
            let Some(recorded) = at.map(|at| &recorded[at]).filter(|recorded| !recorded.is_empty()) else {
                continue;
            };
            met += recorded.len();
            if !compare(artifact, resolved, recorded, &selection, report)? {
                exit = Exit::Negative;
            }
        }
    }
    if met == 0 {
        let hint =
            "`cargo orket run WORKLOAD` records a run, `cargo orket verify --bless --case NAME` a case";
        return Err(Issue::error(code::CASE_MISSING, "no run or case here names a program")
            .with_hint(hint)
            .into());
    }
    Ok(exit)
}

/// The newest run of each workload, and all cases.
fn of(extension: &Resolved, workload: Option<&str>, case: Option<&str>) -> Result<Vec<Recorded>> {
    let id = workload.map(|name| name.rsplit('/').next().unwrap_or(name));
    let mut found = Vec::new();
    for offered in &extension.manifest().workloads {
        if id.is_some_and(|id| offered.id.as_str() != id) {
            continue;
        }
        let newest = runs::find(extension.store(), Some(offered.id.as_str()))?.into_iter().max();
        found.extend(
            newest.filter(|_| case.is_none()).and_then(|folder| of_run(folder).transpose()).transpose()?,
        );
        for folder in case::all(extension.root(), Some(&offered.id))? {
            if case.is_none_or(|name| folder.ends_with(name)) {
                let program = Case::load(&folder)?.build;
                found.push(Recorded { folder, program, facts: None, commit: None });
            }
        }
    }
    Ok(found)
}

fn of_run(folder: PathBuf) -> Result<Option<Recorded>> {
    let run = RecordedRun::load(&folder)?;
    let Some(program) = run.plan.build else { return Ok(None) };
    let definition = run.provenance.as_ref().map(|statement| &statement["predicate"]["buildDefinition"]);
    let facts = definition.and_then(|definition| {
        serde_json::from_value(definition["internalParameters"]["build"].clone()).ok()
    });
    Ok(Some(Recorded { folder, program, facts, commit: definition.and_then(commit) }))
}

/// The commit of the source, clean or not.
fn commit(definition: &Value) -> Option<String> {
    let sources = definition["resolvedDependencies"].as_array()?;
    let source = sources.iter().find(|source| source["name"] == "source")?;
    let commit = source.pointer("/digest/gitCommit").or_else(|| source.pointer("/annotations/base"))?;
    commit.as_str().map(str::to_owned)
}

impl Recorded {
    fn is_reproducible(&self) -> bool {
        let flags = self.facts.as_ref().map(|facts| facts.flags.as_slice()).unwrap_or_default();
        flags.iter().any(|flag| flag == REPRODUCIBLE)
    }
}

/// Whether all recorded programs are what comes out elsewhere.
fn compare(
    artifact: &Artifact,
    resolved: &Resolved,
    recorded: &[Recorded],
    selection: &crate::args::Selection,
    report: &Report,
) -> Result<bool> {
    let proof = reproduce::prove(artifact, selection, report)?;
    let mut all = true;
    for one in recorded {
        let issues = issues(one, &proof, resolved.origin());
        report.message(&Message::Rebuilt {
            folder: &one.folder,
            recorded: one.program,
            rebuilt: proof.elsewhere,
            same: issues.is_empty(),
        });
        let folder = relative(&one.folder);
        if issues.is_empty() {
            report.status("Rebuilt", &format!("{} as sha256:{}", folder.display(), one.program));
        }
        all &= issues.is_empty();
        issues.iter().for_each(|issue| report.issue(issue));
    }
    Ok(all)
}

/// Why a recorded program is not what was built elsewhere.
fn issues(recorded: &Recorded, proof: &Proof, here: &Origin) -> Vec<Issue> {
    if recorded.program == proof.elsewhere {
        return Vec::new();
    }
    let folder = relative(&recorded.folder);
    let message = format!(
        "{} ran the program sha256:{}; built in another folder it is sha256:{}",
        folder.display(),
        recorded.program,
        proof.elsewhere
    );
    let differs =
        |text: String, hint: &str| Issue::error(code::REBUILD_DIFFERS, text).with_hint(hint.to_owned());
    let mut issues = vec![Issue::error(code::REBUILD_DIFFERS, message)];
    for (what, then, now, hint) in differing_facts(recorded, here) {
        issues.push(differs(format!("{what} was `{then}`, here it is `{now}`"), hint));
    }
    if !proof.holds() {
        issues.extend(proof.issues());
        if !recorded.is_reproducible() {
            let hint =
                "`cargo orket run --reproducible` runs a program that does not hold paths of the machine";
            issues.push(differs(
                "the recorded program was not built to be the same elsewhere".to_owned(),
                hint,
            ));
        }
    } else if issues.len() == 1 {
        let hint = "check out what was run; the record of a run names the commit, where there was one";
        issues.push(differs("the sources here are others than those of the run".to_owned(), hint));
    }
    issues
}

/// The facts about the recorded build that are others here: name, then, now, and what to do.
fn differing_facts(recorded: &Recorded, here: &Origin) -> Vec<(&'static str, String, String, &'static str)> {
    let mut found = Vec::new();
    if let (Some(then), Some(now)) = (&recorded.facts, &here.build) {
        let lock = |facts: &BuildFacts| {
            facts.lockfile.map_or_else(|| "none".to_owned(), |digest| digest.to_string())
        };
        found.extend([
            (
                "the compiler",
                then.rustc.clone(),
                now.rustc.clone(),
                "build with the same toolchain, such as `cargo +1.95.0 orket …`",
            ),
            ("the SDK", then.sdk.clone(), now.sdk.clone(), "take the same version of `orket-runtime`"),
            (
                "the digest of Cargo.lock",
                lock(then),
                lock(now),
                "restore Cargo.lock, and build with `--locked`",
            ),
            (
                "what shaped the build",
                then.flags.join(" "),
                now.flags.join(" "),
                "give the same options, such as `--release`",
            ),
        ]);
    }
    let now = here.source.as_ref().and_then(|source| source.commit.clone());
    if let (Some(then), Some(now)) = (&recorded.commit, now) {
        found.push(("the commit", then.clone(), now, "check out the commit of the run"));
    }
    found.retain(|(_, then, now, _)| then != now);
    found
}
