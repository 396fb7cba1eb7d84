//! Where two runs differ: the first difference, which is the cause, and then all parts in causal order.
//!
//! Invariants: every list is cut at a limit and says how much it leaves out; a value is cut too. Two
//! runs are equal when the first difference is none; what else differs then is told apart as context.

mod artifacts;
mod bytes;
mod events;
mod shown;
mod text;
mod values;

pub(crate) use artifacts::{Artifact, Detail};
pub(crate) use events::{Alignment, Change, Events, aligned, what};
pub(crate) use shown::shown;
pub(crate) use values::{Changed, Values};

use crate::error::Result;
use orket_engine::journal::{Divergence, compare};
use orket_engine::runs::RecordedRun;
use serde::Serialize;
use serde_json::{Value, json};

/// A list that may have been cut.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Cut<T> {
    /// What is shown of it.
    pub(crate) shown: Vec<T>,
    /// How much is left out.
    pub(crate) more: usize,
}

/// Where two runs differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// The first run.
    pub(crate) left: Side,
    /// The second run.
    pub(crate) right: Side,
    /// Whether nothing that must repeat differs.
    pub(crate) equal: bool,
    /// The first difference in causal order; `expected` is the left one.
    pub(crate) first: Option<Divergence>,
    /// Seed, input, `kv` and materials.
    pub(crate) input: Values,
    /// The author's plan.
    pub(crate) plan: Values,
    /// The events, aligned.
    pub(crate) transcript: Events,
    /// The artifacts.
    pub(crate) artifacts: Cut<Artifact>,
    /// Status, output, issues and summary.
    pub(crate) output: Values,
    /// What may differ between equal runs: program, versions, policy, sandbox.
    pub(crate) context: Values,
}

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Side {
    /// The name of its folder.
    pub(crate) name: String,
    /// The extension and the workload.
    pub(crate) workload: String,
    /// The seed, as a decimal string.
    pub(crate) seed: String,
    /// The digest of its plan.
    pub(crate) plan: String,
    /// The head of its transcript.
    pub(crate) transcript: String,
    /// The digest over its artifacts.
    pub(crate) artifacts: String,
}

/// Compares two runs; at most `limit` differences of each part are kept.
///
/// # Errors
/// `run.damaged`, `transcript.damaged`, `case.invalid`.
pub(crate) fn between(left: &RecordedRun, right: &RecordedRun, limit: usize) -> Result<Difference> {
    let first = compare(&left.folder, &right.folder)?;
    Ok(Difference {
        left: side(left),
        right: side(right),
        equal: first.is_none(),
        first,
        input: Values::between(&input(left), &input(right), limit),
        plan: Values::between(&json!(left.plan.plan), &json!(right.plan.plan), limit),
        transcript: Events::between(&left.recording()?, &right.recording()?, limit)?,
        artifacts: artifacts::between(left, right, limit),
        output: Values::between(&output(left), &output(right), limit),
        context: contexts(left, right, limit),
    })
}

fn side(run: &RecordedRun) -> Side {
    let plan = &run.plan;
    Side {
        name: run.name(),
        workload: format!("{}/{}", plan.extension.id, plan.workload),
        seed: plan.seed.to_string(),
        plan: plan.plan_hash.to_string(),
        transcript: run.heads.head.to_string(),
        artifacts: run.artifacts.digest.to_string(),
    }
}

fn input(run: &RecordedRun) -> Value {
    let plan = &run.plan;
    let materials: serde_json::Map<_, _> =
        plan.materials.iter().map(|file| (file.path.clone(), json!(file.sha256))).collect();
    json!({
        "input": plan.input, "kv": plan.kv_digest, "materials": materials, "memory": plan.memory_digest,
        "seed": plan.seed.to_string(),
    })
}

fn output(run: &RecordedRun) -> Value {
    let result = &run.result;
    json!({ "issues": result.issues, "output": result.output, "status": result.status, "summary": run.summary })
}

/// A case does not keep all of it, so that is compared only where both have it.
fn contexts(left: &RecordedRun, right: &RecordedRun, limit: usize) -> Values {
    let both = left.facts.is_some() && right.facts.is_some();
    Values::between(&context(left, both), &context(right, both), limit)
}

fn context(run: &RecordedRun, whole: bool) -> Value {
    let plan = &run.plan;
    let about = json!({ "extension": plan.extension.id, "program": plan.build, "workload": plan.workload });
    if !whole {
        return json!({ "about": about });
    }
    let sandbox = "/predicate/buildDefinition/internalParameters/sandbox";
    json!({
        "about": about,
        "capabilities": plan.capabilities,

        "manifest": plan.extension.manifest,
        "policy": plan.policy,
        "sandbox": run.provenance.as_ref().and_then(|statement| statement.pointer(sandbox)),
        "version": plan.extension.version,
    })
}
