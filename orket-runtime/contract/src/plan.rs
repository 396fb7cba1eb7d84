//! The run plan: what a workload is about to do, as data.

use crate::code;
use crate::id::WorkloadId;
use crate::issue::Issue;
use crate::limit::ACTIONS_MAX;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The only native operation: run a workload.
pub const WORKLOAD_RUN: &str = "workload.run";

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunAction {
    /// What to do; [`WORKLOAD_RUN`].
    pub op: String,
    /// Parameters: the part of the work that this step does.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// What to do it to: a workload id.
    pub target: String,
}

/// A plan: no closures, no paths of the machine, no time; equal inputs give an equal plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunPlan {
    /// The steps, in order.
    pub actions: Vec<RunAction>,
    /// What the author wants on record, such as a graph of the work.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// The workload that was asked for.
    pub workload_id: WorkloadId,
    /// Its version.
    pub workload_version: String,
}

impl RunPlan {
    /// The plan of a workload that has no `plan` function: one step that runs it.
    ///
    /// ```
    /// # #[cfg(feature = "model")] {
    /// use orket_contract::{id::WorkloadId, plan::RunPlan};
    /// let plan = RunPlan::single(&WorkloadId::new("hello_v1").unwrap(), "0.1.0");
    /// assert_eq!(plan.actions[0].target, "hello_v1");
    /// assert!(plan.check().is_empty());
    /// # }
    /// ```
    #[must_use]
    pub fn single(workload_id: &WorkloadId, workload_version: &str) -> Self {
        Self {
            actions: vec![RunAction {
                op: WORKLOAD_RUN.to_owned(),
                params: Map::new(),
                target: workload_id.to_string(),
            }],
            metadata: Map::new(),
            workload_id: workload_id.clone(),
            workload_version: workload_version.to_owned(),
        }
    }

    /// What is wrong with the plan: no action or too many, an unknown operation, an empty target.
    #[must_use]
    pub fn check(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        if self.actions.len() > ACTIONS_MAX {
            let message =
                format!("the plan has {} actions; at most {ACTIONS_MAX} are allowed", self.actions.len());
            return vec![Issue::error(code::PLAN_INVALID, message)];
        }
        if self.actions.is_empty() {
            issues.push(Issue::error(code::PLAN_INVALID, "the plan has no action"));
        }
        for (at, action) in self.actions.iter().enumerate() {
            if action.op != WORKLOAD_RUN {
                let message = format!("action {at}: `{}` is not an operation", action.op);
                issues.push(
                    Issue::error(code::PLAN_INVALID, message)
                        .with_hint(format!("the only operation is `{WORKLOAD_RUN}`")),
                );
            }
            if action.target.trim().is_empty() {
                issues.push(Issue::error(code::PLAN_INVALID, format!("action {at} has no target")));
            }
        }
        issues
    }
}
