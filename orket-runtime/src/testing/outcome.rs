//! A whole run in the process of a test: plan, execution, checks, as the host does them in order.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::id::WorkloadId;
use orket_contract::protocol::{Context, Level};
use serde_json::{Map, Value};

use super::fake::FakeCapabilities;
use super::folder::Folder;
use super::world::{World, portable};
use crate::capabilities::CapabilityRegistry;
use crate::link::{Link, SharedLink};
use crate::result::{ArtifactRef, Error, Issue, Result, Status, WorkloadResult, object};
use crate::workload::{PlanContext, Registry, RunPlan, Stage, Workload, WorkloadContext};

/// What a run in a test gave.
///
/// ```
/// # use orket_runtime::{prelude::*, testing::{FakeCapabilities, run}};
/// #[orket_runtime::extension(id = "note.taker")]
/// pub mod notes {
///     use super::*;
///     #[workload(id = "note_v1")]
///     pub fn note_v1(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
///         ctx.artifacts.write_text("note.txt", "milk\n")?;
///         WorkloadResult::ok(json!({ "notes": 1 }))
///     }
/// }
/// # fn main() -> Result<()> {
/// let outcome = run(notes::register, "note_v1", json!({}), &FakeCapabilities::new())?;
/// assert_eq!(outcome.artifacts["note.txt"], b"milk\n");
/// assert_eq!(outcome.result.artifacts[0].size, 5);
/// assert!(outcome.issues.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The plan that was made first.
    pub plan: RunPlan,
    /// What the workload gave back, with all artifacts listed.
    pub result: WorkloadResult,
    /// The bytes of the artifacts, by path.
    pub artifacts: BTreeMap<String, Vec<u8>>,
    /// What the validators found; with an error among it the host would publish nothing.
    pub issues: Vec<Issue>,
    /// The author's summary, where there is one.
    pub summary: Option<Map<String, Value>>,
    /// The folder in which it ran, which is gone; it may stand in texts.
    pub(super) folder: PathBuf,
}

/// Runs a workload in this process: plan, every step, validators, summary.
///
/// Only declared capabilities are there, and what the host would refuse to publish is refused here.
/// The input is read as JSON but not compared with the schema, which the host does.
///
/// ```
/// # use orket_runtime::{prelude::*, testing::{FakeCapabilities, run}};
/// # #[orket_runtime::extension(id = "idle.one")]
/// # pub mod idle {
/// #     use super::*;
/// #     #[workload(id = "idle_v1")]
/// #     pub fn idle_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
/// #         WorkloadResult::ok(json!({}))
/// #     }
/// # }
/// # fn main() {
/// let fakes = FakeCapabilities::new().with_seed(7);
/// assert!(run(idle::register, "idle_v1", json!({}), &fakes).is_ok());
/// let error = run(idle::register, "idel_v1", json!({}), &fakes).unwrap_err();
/// assert_eq!(error.code(), "workload.unknown");
/// # }
/// ```
///
/// # Errors
/// The author's; `workload.unknown`, `capability.unavailable`, `plan.invalid`, `json.number`,
/// `artifact.unlisted`, `artifact.missing`, `artifact.mismatch` as the host's.
#[expect(clippy::needless_pass_by_value, reason = "authors write `json!({..})` in place")]
pub fn run(
    register: fn(&mut Registry),
    workload: &str,
    input: Value,
    fakes: &FakeCapabilities,
) -> Result<Outcome> {
    let mut registry = Registry::new();
    register(&mut registry);
    let found = registry.find(workload).ok_or_else(|| unknown(&registry, workload))?;
    let plan = plan(found, input.clone(), fakes)?;
    let folder = Folder::new()?;
    let mut result = None;
    for action in &plan.actions {
        let step = registry.find(&action.target).ok_or_else(|| unknown(&registry, &action.target))?;
        let context =
            Context { params: action.params.clone(), run_id: "test".to_owned(), seed: fakes.setting().seed };
        let done = execute(step, &registry, context, input.clone(), fakes, &folder)?;
        let ended = done.status != Status::Ok;
        result = Some(joined(result, done));
        if ended {
            break;
        }
    }
    let result = result.ok_or_else(|| Error::new(code::PLAN_INVALID, "the plan has no action"))?;
    checked(found, plan, result, &folder)
}

fn unknown(registry: &Registry, workload: &str) -> Error {
    let known: Vec<_> = registry.ids().map(|id| format!("`{id}`")).collect();
    let message = format!("there is no workload `{workload}`, but {}", known.join(", "));
    Error::new(code::WORKLOAD_UNKNOWN, message)
}

fn plan(workload: &dyn Workload, input: Value, fakes: &FakeCapabilities) -> Result<RunPlan> {
    let setting = fakes.setting();
    let ctx = PlanContext {
        seed: setting.seed,
        workspace_dir: setting.workspace.clone(),
        workload_id: WorkloadId::new(workload.id())?,
        workload_version: workload.version(),
    };
    let plan = workload.plan(&ctx, input)?;
    if let Some(issue) = plan.check().into_iter().next() {
        return Err(Error::new(issue.code, issue.message));
    }
    portable(&plan).map(|_| plan)
}

fn execute(
    workload: &dyn Workload,
    registry: &Registry,
    context: Context,
    input: Value,
    fakes: &FakeCapabilities,
    folder: &Folder,
) -> Result<WorkloadResult> {
    let mut providers = CapabilityRegistry::new();
    providers.merge(fakes)?;
    let capabilities = providers
        .resolve(&registry.capabilities(workload.id()))
        .map_err(|missing| Error::new(code::CAPABILITY_UNAVAILABLE, missing.to_string()))?;
    let stage = Stage { workspace: fakes.setting().workspace.clone(), artifacts: folder.path().to_owned() };
    let recorder = Recorder { world: fakes.shared_world(), artifacts: stage.artifacts.clone() };
    let link: SharedLink = Rc::new(RefCell::new(recorder));
    let mut ctx = WorkloadContext::new(context, capabilities, &link, stage);
    let result = workload.run(&mut ctx, input)?;
    portable(&result.output)?;
    Ok(result.listing(ctx.artifacts.written()).into())
}

/// The result of a plan so far and that of its next step: the later output counts, files add up.
fn joined(before: Option<WorkloadResult>, mut step: WorkloadResult) -> WorkloadResult {
    let Some(before) = before else { return step };
    step.issues.splice(0..0, before.issues);
    let written = std::mem::take(&mut step.artifacts).into_iter().chain(before.artifacts);
    step.listing(written).into()
}

/// Checks the artifacts as the host does, then asks the author's validators and summary.
fn checked(
    workload: &dyn Workload,
    plan: RunPlan,
    result: WorkloadResult,
    folder: &Folder,
) -> Result<Outcome> {
    let artifacts = folder.files()?;
    for listed in &result.artifacts {
        let bytes = artifacts.get(&listed.path);
        let bytes = bytes.ok_or_else(|| artifact(code::ARTIFACT_MISSING, &listed.path, "does not exist"))?;
        if listed.sha256 != Digest::of(bytes).to_string() || listed.size != bytes.len() as u64 {
            return Err(artifact(code::ARTIFACT_MISMATCH, &listed.path, "is not what its reference names"));
        }
    }
    if let Some(path) = artifacts.keys().find(|path| result.artifacts.iter().all(|a| a.path != **path)) {
        return Err(artifact(code::ARTIFACT_UNLISTED, path, "is not listed in the result"));
    }
    let (mut issues, mut summary) = (Vec::new(), None);
    if result.status != Status::Error {
        issues = workload.validate(&result, folder.path());
        summary = workload.summarize(folder.path())?.map(|value| object(value, "a summary")).transpose()?;
    }
    Ok(Outcome { plan, result, artifacts, issues, summary, folder: folder.path().to_owned() })
}

fn artifact(code: &str, path: &str, what: &str) -> Error {
    Error::new(code, format!("`{path}` {what}"))
}

/// The link of a run in a test.
struct Recorder {
    world: Rc<RefCell<World>>,
    artifacts: PathBuf,
}

impl Link for Recorder {
    fn artifact(&mut self, path: &str, kind: Option<&str>) -> Result<ArtifactRef> {
        let bytes = fs::read(self.artifacts.join(path))?;
        Ok(ArtifactRef {
            path: path.to_owned(),
            sha256: Digest::of(&bytes).to_string(),
            size: bytes.len() as u64,
            kind: kind.map(str::to_owned),
        })
    }

    fn trace(&mut self, event: &str, payload: Value) -> Result<()> {
        portable(&payload)?;
        self.world.borrow_mut().traces.push((event.to_owned(), payload));
        Ok(())
    }

    fn log(&mut self, level: Level, message: &str) {
        self.world.borrow_mut().logs.push((level, message.to_owned()));
    }
}
