//! What a run was made of, as an in-toto Statement v1 with a SLSA v1 predicate.
//!
//! Invariants: everything in it is equal for equal runs; what varies is in `run.json`. What stands as
//! `sha256` in a `digest` is the SHA-256 of bytes that anyone can hash; digests within a domain of Orket's
//! are under `internalParameters.digests`. What is not known is not there.
//! Sources: in-toto attestation framework (Statement v1, ResourceDescriptor v1), SLSA provenance v1.

use super::{ARTIFACT_MANIFEST, KV, MEMORY, PLAN, RESULT};
use crate::ambient::AMBIENT;
use crate::authorization::AUTHORIZATION;
use crate::error::{Error, Phase};
use crate::journal::Digests;
use crate::kernel::{Checked, Plan};
use crate::loader::{Interpreter, Origin, Source};
use crate::permissions::Admitted;
use crate::reliable;
use crate::sandbox::{LayerStatus, Profile, State};
use orket_contract::ORKET_VERSION;
use orket_contract::digest::{Digest, domain};
use orket_contract::issue::Issue;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An in-toto Statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: &'static str,
    predicate: Value,
    #[serde(rename = "predicateType")]
    predicate_type: &'static str,
    subject: Vec<Value>,
}

pub(crate) const STATEMENT: &str = "https://in-toto.io/Statement/v1";
pub(crate) const PREDICATE: &str = "https://slsa.dev/provenance/v1";
pub(crate) const BUILD_TYPE: &str = "https://orket.dev/extension-run/v1";
/// SLSA wants a builder id per trust level: a run that need not repeat is another builder, and so is one that has to and lacks
/// something of what makes it.
const RELIABLE: &str = "https://orket.dev/host/reliable/v1";
const IN_PART: &str = "https://orket.dev/host/reliable-in-part/v1";
const UNRELIABLE: &str = "https://orket.dev/host/unreliable/v1";

/// The digests of the files that hold what a run was and came to, as they were written.
pub(crate) struct Files {
    pub(crate) ambient: Option<Digest>,
    pub(crate) artifact_manifest: Digest,
    pub(crate) kv: Option<Digest>,
    pub(crate) memory: Option<Digest>,
    pub(crate) plan: Digest,
    pub(crate) result: Digest,
}

impl Statement {
    pub(crate) fn of(
        plan: &Plan,
        checked: &Checked,
        digests: &Digests,
        files: &Files,
        (admitted, lacks): (&Admitted<'_>, &[String]),
    ) -> Result<Self, Error> {
        let origin = admitted.extension().origin();
        let builder = builder(plan.policy.reliable, lacks);
        let predicate = json!({
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": external(plan, checked),
                "internalParameters": internal(plan, checked, digests, (admitted, lacks))?,
                "resolvedDependencies": dependencies(plan, origin),
            },
            "runDetails": {
                "builder": { "id": builder, "version": { "orket": ORKET_VERSION } },
                "byproducts": byproducts(checked, digests, files),
            },
        });
        let subject = subjects(checked, files);
        Ok(Self { kind: STATEMENT, predicate, predicate_type: PREDICATE, subject })
    }
}

/// Who vouches for a run.
pub(crate) fn builder(reliable: bool, lacks: &[String]) -> &'static str {
    match (reliable, lacks) {
        (true, []) => RELIABLE,
        (true, _) => IN_PART,
        (false, _) => UNRELIABLE,
    }
}

/// What the run came to: every artifact, then the files that list them and that hold the output.
fn subjects(checked: &Checked, files: &Files) -> Vec<Value> {
    let artifacts = checked.artifacts.files.iter().map(|file| named(&file.path, file.sha256));
    let record = [named(ARTIFACT_MANIFEST, files.artifact_manifest), named(RESULT, files.result)];
    let kept = [files.kv.map(|digest| named(KV, digest)), files.memory.map(|digest| named(MEMORY, digest))];
    artifacts.chain(record).chain(kept.into_iter().flatten()).collect()
}

/// What was recorded besides.
fn byproducts(checked: &Checked, digests: &Digests, files: &Files) -> Vec<Value> {
    let ambient = files.ambient.map(|digest| named(AMBIENT, digest));
    let rest = [
        named(AUTHORIZATION, checked.outcome.authorized.digest),
        named(PLAN, files.plan),
        transcript(digests, checked),
    ];
    ambient.into_iter().chain(rest).collect()
}

/// What whoever started the run decided.
fn external(plan: &Plan, checked: &Checked) -> Value {
    json!({
        "capabilities": checked.outcome.authorized.sets,
        "extension": plan.extension.id,
        "input": { "sha256": plan.input_digest },
        "seed": plan.seed.to_string(),
        "workload": plan.workload,
    })
}

/// What extension and host decided.
fn internal(
    plan: &Plan,
    checked: &Checked,
    digests: &Digests,
    (admitted, lacks): (&Admitted<'_>, &[String]),
) -> Result<Value, Error> {
    let extension = admitted.extension();
    let mut weakened: Vec<_> = plan.policy.weakened().into_iter().map(|weakening| weakening.name).collect();
    weakened.extend(reliable::uncontrolled_codes(extension));
    let mut internal = json!({
        "digests": {
            "artifacts": digests.artifacts,
            "input": plan.input_digest,
            "kv": plan.kv_digest,
            "materials": plan.materials_digest,
            "output": digests.output,
            "transcript": digests.transcript,
        },
        "extension_api_version": extension.manifest().extension_api_version,
        "extension_version": plan.extension.version,
        "lacks": lacks,
        "plan": plan.plan,
        "plan_hash": plan.plan_hash,
        "policy": plan.policy,
        "policy_digest": policy_digest(plan)?,
        "reliable": plan.policy.reliable,
        "sandbox": layers(&checked.outcome.layers),
        "weakened": weakened,
        "workload_version": plan.plan.workload_version,
    });
    if let Some(profile) = Profile::of(&checked.outcome.layers) {
        internal["sandbox_profile"] = json!(profile);
    }
    if let Some(memory) = plan.memory_digest {
        internal["digests"]["memory"] = json!(memory);
    }
    if let Some(build) = &extension.origin().build {
        internal["build"] = json!(build);
    }
    Ok(internal)
}

fn policy_digest(plan: &Plan) -> Result<Digest, Error> {
    Digest::within_json(domain::POLICY, &plan.policy)
        .map_err(|fault| Error::refused(Phase::Record, Issue::error(fault.code, fault.message)))
}

fn named(name: &str, digest: Digest) -> Value {
    json!({ "digest": { "sha256": digest }, "name": name })
}

/// The transcript as text, because how it was compressed is not part of it.
fn transcript(digests: &Digests, checked: &Checked) -> Value {
    let recorded = &checked.outcome.recorded;
    let mut transcript = named(TRANSCRIPT_TEXT, recorded.text);
    transcript["annotations"] = json!({ "head": digests.transcript, "records": recorded.count });
    transcript
}

/// The name of the uncompressed transcript among the byproducts.
pub(crate) const TRANSCRIPT_TEXT: &str = "transcript.jsonl";

fn dependencies(plan: &Plan, origin: &Origin) -> Vec<Value> {
    let fixed = [named("extension", plan.build), named("extension_manifest", plan.extension.manifest)];
    let materials = plan.materials.iter().map(|m| named(&format!("workspace/{}", m.path), m.sha256));
    let interpreter = plan.interpreter.iter().flat_map(interpreter);
    let lockfile = origin.build.as_ref().and_then(|build| build.lockfile);
    let lockfile = lockfile.map(|digest| named("Cargo.lock", digest));
    let package = origin.package.map(|digest| named("package", digest));
    let source = origin.source.as_ref().map(source);
    fixed
        .into_iter()
        .chain(materials)
        .chain(interpreter)
        .chain(lockfile)
        .chain(package)
        .chain(source)
        .collect()
}

/// The program that runs an extension in Python, and the library that it is linked to.
fn interpreter(interpreter: &Interpreter) -> impl Iterator<Item = Value> {
    let mut program = named("python", interpreter.sha256);
    program["annotations"] = json!({ "version": interpreter.version });
    std::iter::once(program).chain(interpreter.library.map(|digest| named("libpython", digest)))
}

/// Where the source lies. The commit is its digest only while nothing in the working tree differs from it.
fn source(source: &Source) -> Value {
    let mut annotations = Map::from_iter([("clean".to_owned(), json!(source.clean))]);
    let mut described = json!({ "name": "source" });
    match &source.commit {
        Some(commit) if source.clean => described["digest"] = json!({ "gitCommit": commit }),
        Some(commit) => drop(annotations.insert("base".to_owned(), json!(commit))),
        None => {}
    }
    if source.url.contains("://") {
        described["uri"] = format!("git+{}", source.url).into();
    } else if !source.url.is_empty() {
        annotations.insert("repository".to_owned(), json!(source.url));
    }
    described["annotations"] = annotations.into();
    described
}

/// Which layers held, by name: a missing one is on record, never silent.
fn layers(report: &[LayerStatus]) -> Value {
    let states = report.iter().map(|status| {
        let state = match &status.state {
            State::Enforced => json!("enforced"),
            other => json!(other),
        };
        (status.layer.name().to_owned(), state)
    });
    Value::Object(states.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(clean: bool, commit: Option<&str>, url: &str, expected: &Value) {
        let described = source(&Source { clean, commit: commit.map(str::to_owned), url: url.to_owned() });
        assert_eq!(&described, expected);
    }

    #[test]
    fn a_source_has_a_digest_only_where_it_is_that_of_a_commit() {
        let (url, commit) = ("https://example.org/a", "0123456789abcdef0123456789abcdef01234567");
        let uri = "git+https://example.org/a";
        check(
            true,
            Some(commit),
            url,
            &json!({
                "annotations": { "clean": true }, "digest": { "gitCommit": commit }, "name": "source", "uri": uri,
            }),
        );
        let annotations = json!({ "base": commit, "clean": false });
        check(
            false,
            Some(commit),
            url,
            &json!({
                "annotations": annotations, "name": "source", "uri": uri,
            }),
        );
        check(false, None, "", &json!({ "annotations": { "clean": false }, "name": "source" }));
        let annotations = json!({ "clean": false, "repository": "host:path" });
        check(false, None, "host:path", &json!({ "annotations": annotations, "name": "source" }));
    }
}
