//! What a run was made of: digests, dependencies, sandbox, policy.

use super::words::{Cut, plain, pretty, short};
use crate::host::Facts;
use orket_engine::runs::RecordedRun;
use serde::Serialize;
use serde_json::Value;

/// How many dependencies are shown.
const DEPENDENCIES_MAX: usize = 500;
/// How much of the statement is shown, in bytes.
const STATEMENT_BYTES: usize = 128 << 10;

/// The proof of a run.
#[derive(Serialize)]
pub(super) struct Proof {
    digests: Vec<(String, String)>,
    capabilities: Vec<(String, String)>,
    layers: Vec<Layer>,
    weakenings: Vec<String>,
    lacks: Vec<String>,
    reliable: Option<bool>,
    policy: Option<Cut>,
    build: Option<Cut>,
    dependencies: Vec<(String, String)>,
    statement: Option<Cut>,
}

/// A layer of the sandbox.
#[derive(Serialize)]
struct Layer {
    name: String,
    state: String,
    held: bool,
}

impl Proof {
    pub(super) fn of(run: &RecordedRun, facts: &Facts) -> Self {
        let policy = Some(&run.plan.policy).filter(|policy| !policy.is_null());
        let internal = |key: &str| {
            let pointer = format!("/predicate/buildDefinition/internalParameters/{key}");
            run.provenance.as_ref()?.pointer(&pointer).filter(|value| !value.is_null())
        };
        Self {
            digests: facts
                .digests
                .iter()
                .map(|(name, digest)| ((*name).to_owned(), digest.clone()))
                .collect(),
            capabilities: facts.capabilities.iter().map(used).collect(),
            layers: facts.sandbox.iter().map(|(name, state)| layer(name, state)).collect(),
            weakenings: policy.map(weakenings).unwrap_or_default(),
            lacks: facts.lacks.iter().take(50).map(|name| short(&Value::from(name.as_str()), 120)).collect(),
            reliable: policy.and_then(|policy| policy.get("reliable")?.as_bool()),
            policy: policy.map(|policy| pretty(policy, 16 << 10)),
            build: internal("build").map(|build| pretty(build, 16 << 10)),
            dependencies: dependencies(run),
            statement: run.provenance.as_ref().map(|statement| pretty(statement, STATEMENT_BYTES)),
        }
    }
}

fn used(used: &crate::host::Used) -> (String, String) {
    let calls: Vec<_> = used.calls.iter().map(|(op, count)| format!("{op} × {count}")).collect();
    let calls = if calls.is_empty() { "admitted, not used".to_owned() } else { calls.join(", ") };
    (plain(&used.name), short(&Value::from(calls), 300))
}

fn layer(name: &str, state: &str) -> Layer {
    Layer {
        name: short(&Value::from(name), 60),
        state: short(&Value::from(state), 200),
        held: state == "enforced",
    }
}

fn weakenings(policy: &Value) -> Vec<String> {
    let list = policy.get("weakenings").and_then(Value::as_array);
    list.into_iter().flatten().take(50).map(|weakening| short(weakening, 120)).collect()
}

/// What the statement names, each by its first digest.
fn dependencies(run: &RecordedRun) -> Vec<(String, String)> {
    let pointer = "/predicate/buildDefinition/resolvedDependencies";
    let list = run.provenance.as_ref().and_then(|statement| statement.pointer(pointer)?.as_array());
    let one = |dependency: &Value| {
        let name = dependency.get("name").or_else(|| dependency.get("uri"));
        let digest =
            dependency.get("digest").and_then(Value::as_object).and_then(|digests| digests.values().next());
        (short(name.unwrap_or(&Value::Null), 160), short(digest.unwrap_or(&Value::Null), 160))
    };
    list.into_iter().flatten().take(DEPENDENCIES_MAX).map(one).collect()
}
