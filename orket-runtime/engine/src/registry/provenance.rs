//! What a run was made of, as an in-toto Statement v1 with a SLSA v1 predicate.
//!
//! Invariant: everything in it is equal for equal runs; what varies is in `run.json`.
//! Sources: in-toto attestation framework (Statement v1), SLSA provenance v1.

use crate::authorization::AUTHORIZATION;
use crate::error::{Error, Phase};
use crate::journal::Digests;
use crate::kernel::{Checked, Plan};
use crate::loader::Origin;
use crate::sandbox::{LayerStatus, State};
use orket_contract::digest::{Digest, domain};
use orket_contract::issue::Issue;
use orket_contract::{EXTENSION_API_VERSION, ORKET_VERSION};
use serde::Serialize;
use serde_json::{Value, json};

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

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://slsa.dev/provenance/v1";
const BUILD_TYPE: &str = "https://orket.dev/extension-run/v1";
/// SLSA wants a builder id per trust level: a run that need not repeat is another builder.
const RELIABLE: &str = "https://orket.dev/host/reliable/v1";
const UNRELIABLE: &str = "https://orket.dev/host/unreliable/v1";

impl Statement {
    pub(crate) fn of(
        plan: &Plan,
        checked: &Checked,
        digests: &Digests,
        origin: &Origin,
    ) -> Result<Self, Error> {
        let subject = checked
            .artifacts
            .files
            .iter()
            .map(|file| named(&file.path, file.sha256))
            .chain([named("artifact_manifest", digests.artifacts), named("output", digests.output)])
            .collect();
        let reliable = plan.policy.reliable;
        let predicate = json!({
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "capabilities": checked.outcome.authorized.sets,
                    "extension": plan.extension.id,
                    "input": { "sha256": plan.input_digest },
                    "seed": plan.seed.to_string(),
                    "workload": plan.workload,
                },
                "internalParameters": {
                    "build": origin.build,
                    "extension_api_version": EXTENSION_API_VERSION,
                    "extension_version": plan.extension.version,
                    "plan": plan.plan,
                    "plan_hash": plan.plan_hash,
                    "policy": plan.policy,
                    "policy_digest": policy_digest(plan)?,
                    "reliable": reliable,
                    "sandbox": layers(&checked.outcome.layers),
                    "weakened": plan.policy.weakened().into_iter().map(|weakening| weakening.name).collect::<Vec<_>>(),
                    "workload_version": plan.plan.workload_version,
                },
                "resolvedDependencies": dependencies(plan, digests, origin),
            },
            "runDetails": {
                "byproducts": [named(AUTHORIZATION, checked.outcome.authorized.digest)],
                "builder": {
                    "id": if reliable { RELIABLE } else { UNRELIABLE },
                    "version": { "orket": ORKET_VERSION },
                },
            },
        });
        Ok(Self { kind: STATEMENT, predicate, predicate_type: PREDICATE, subject })
    }
}

fn policy_digest(plan: &Plan) -> Result<Digest, Error> {
    Digest::within_json(domain::POLICY, &plan.policy)
        .map_err(|fault| Error::refused(Phase::Record, Issue::error(fault.code, fault.message)))
}

fn named(name: &str, digest: Digest) -> Value {
    json!({ "digest": { "sha256": digest }, "name": name })
}

fn dependencies(plan: &Plan, digests: &Digests, origin: &Origin) -> Vec<Value> {
    let fixed = [
        named("extension", plan.build),
        named("extension_manifest", plan.extension.manifest),
        named("kv", plan.kv_digest),
        named("transcript", digests.transcript),
    ];
    let materials = plan.materials.iter().map(|m| named(&format!("workspace/{}", m.path), m.sha256));
    fixed.into_iter().chain(materials).chain(sources(origin)).collect()
}

/// What the program was made of, as far as it is known. A working tree with changes is no commit.
fn sources(origin: &Origin) -> Vec<Value> {
    let lockfile = origin.build.as_ref().and_then(|build| build.lockfile);
    let mut sources: Vec<Value> = lockfile.map(|digest| named("Cargo.lock", digest)).into_iter().collect();
    sources.extend(origin.package.map(|digest| named("package", digest)));
    if let Some(source) = &origin.source {
        let uri = format!("git+{}", source.url);
        let digest = json!({ "gitCommit": source.commit });
        let annotations = json!({ "clean": source.clean });
        sources.push(json!({ "annotations": annotations, "digest": digest, "name": "source", "uri": uri }));
    }
    sources
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
