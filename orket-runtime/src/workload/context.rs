//! What a workload and its plan function are given.

use std::path::PathBuf;

use orket_contract::id::WorkloadId;
use orket_contract::protocol::Context;
use serde_json::Value;

use super::{Artifacts, Logger, RunPlan, Trace};
use crate::capabilities::Capabilities;
use crate::link::SharedLink;

/// Everything that a workload runs with. Equal runs are given equal contexts.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn play(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
///     let people = std::fs::read_to_string(ctx.workspace_dir.join("content/people.txt"))?;
///     ctx.logger.info(format_args!("seed {}", ctx.seed));
///     ctx.artifacts.write_text("people.txt", &people)?;
///     WorkloadResult::ok(json!({ "people": people.lines().count() }))
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct WorkloadContext {
    /// What the workload may use besides its input and materials.
    pub capabilities: Capabilities,
    /// A name of the run that equal runs share.
    pub run_id: String,
    /// The seed, from which `rng` derives its streams.
    pub seed: u64,
    /// The folder of the declared materials, at the paths that they have in the package; read-only.
    pub workspace_dir: PathBuf,
    /// Lines for people.
    pub logger: Logger,
    /// The files that the workload makes.
    pub artifacts: Artifacts,
    /// Observations for the record.
    pub trace: Trace,
    /// The parameters of the step: the part of the work to do, an object.
    pub params: Value,
}

impl WorkloadContext {
    pub(crate) fn new(context: Context, capabilities: Capabilities, link: &SharedLink, stage: Stage) -> Self {
        Self {
            capabilities,
            run_id: context.run_id,
            seed: context.seed,
            workspace_dir: stage.workspace,
            logger: Logger::over(link.clone()),
            artifacts: Artifacts::below(stage.artifacts, link.clone()),
            trace: Trace::over(link.clone()),
            params: Value::Object(context.params),
        }
    }
}

/// The two folders of a run.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// Where the materials are.
    pub(crate) workspace: PathBuf,
    /// Where artifacts go.
    pub(crate) artifacts: PathBuf,
}

impl Stage {
    /// The folders of a guest: it is started in the stage and knows no other path.
    pub(crate) fn of_guest() -> Self {
        Self { workspace: PathBuf::from("workspace"), artifacts: PathBuf::from("artifacts") }
    }
}

/// What a plan function is given: no capability, because a plan depends on nothing but these, the
/// materials and the input.
///
/// ```
/// use orket_runtime::prelude::*;
/// # struct Input { hard: bool }
/// fn plan(ctx: &PlanContext, input: &Input) -> Result<RunPlan> {
///     let mut plan = ctx.plan();
///     plan.metadata.insert("people".into(), json!(if input.hard { 5 } else { 4 }));
///     Ok(plan)
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlanContext {
    /// The seed of the run.
    pub seed: u64,
    /// The folder of the declared materials; read-only.
    pub workspace_dir: PathBuf,
    /// The workload that is planned.
    pub workload_id: WorkloadId,
    /// Its version.
    pub workload_version: String,
}

impl PlanContext {
    /// The plan of a workload that has no plan function: one step that runs it.
    ///
    /// Add to its `metadata` what should be on record, or give its action parameters. The plan is
    /// hashed: numbers are integers within ±(2^53 − 1), others are refused with `json.number`.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// fn plan(ctx: &PlanContext, _input: &()) -> Result<RunPlan> {
    ///     let mut plan = ctx.plan();
    ///     plan.actions[0].params.insert("act".into(), json!(1));
    ///     Ok(plan)
    /// }
    /// ```
    #[must_use]
    pub fn plan(&self) -> RunPlan {
        RunPlan::single(&self.workload_id, &self.workload_version)
    }
}
