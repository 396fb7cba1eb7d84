//! What the author's functions must be, in Orket's words: each is called through a trait whose only
//! implementation is the right form, so that the compiler's one error names the rule and the fix.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::json::Piece;
use crate::result::{Error, Issue, Result, WorkloadResult};
use crate::schema::Schema;
use crate::workload::{PlanContext, RunPlan, WorkloadContext};

/// The type of a workload's input.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the input of a workload",
    label = "an input is read from JSON and has a schema",
    note = "derive both: `#[derive(serde::Deserialize, orket_runtime::Schema)]`"
)]
pub trait Input: Sized {
    /// Its schema.
    const NODE: &'static [Piece];

    /// Reads it.
    ///
    /// # Errors
    /// `input.invalid` when the value does not fit the type.
    fn read(value: Value) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Schema> Input for T {
    const NODE: &'static [Piece] = T::NODE;

    fn read(value: Value) -> Result<Self> {
        serde_json::from_value(value)
            .map_err(|error| Error::new(orket_contract::code::INPUT_INVALID, error.to_string()))
    }
}

/// The input of a workload that takes none: an object without keys.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoInput {}

impl Schema for NoInput {
    const NODE: &'static [Piece] = &[Piece::Text(r#"{"additionalProperties":false,"type":"object"}"#)];
}

/// The type of a workload's first parameter.
#[diagnostic::on_unimplemented(
    message = "a workload takes its context first, not a `{Self}`",
    label = "this is no context",
    note = "write `fn name(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult>`"
)]
pub trait Context {
    /// The context.
    fn of(context: &mut WorkloadContext) -> &mut Self;
}

impl Context for WorkloadContext {
    fn of(context: &mut WorkloadContext) -> &mut Self {
        context
    }
}

/// The type of what a workload gives back.
#[diagnostic::on_unimplemented(
    message = "a workload returns `Result<WorkloadResult>`, not `{Self}`",
    label = "this is not `Result<WorkloadResult>`",
    note = "end with `WorkloadResult::ok(json!({{ … }}))`; `?` takes any error along"
)]
pub trait Output {
    /// The result.
    ///
    /// # Errors
    /// The author's.
    fn result(self) -> Result<WorkloadResult>;
}

impl Output for Result<WorkloadResult> {
    fn result(self) -> Result<WorkloadResult> {
        self
    }
}

/// The function that `plan` names, of a workload with the input `I`.
#[diagnostic::on_unimplemented(
    message = "`plan` is not of the form `fn(&PlanContext, &{I}) -> Result<RunPlan>`",
    label = "a plan takes the context of the plan and the input of its workload"
)]
pub trait Plan<I> {
    /// Calls it.
    ///
    /// # Errors
    /// The author's.
    fn plan(self, context: &PlanContext, input: &I) -> Result<RunPlan>;
}

#[diagnostic::do_not_recommend]
impl<I, F: FnOnce(&PlanContext, &I) -> Result<RunPlan>> Plan<I> for F {
    fn plan(self, context: &PlanContext, input: &I) -> Result<RunPlan> {
        self(context, input)
    }
}

/// The function that `plan` names, of a workload without input.
#[diagnostic::on_unimplemented(
    message = "`plan` is not of the form `fn(&PlanContext) -> Result<RunPlan>`",
    label = "the workload has no input, and neither has its plan"
)]
pub trait PlanAlone {
    /// Calls it.
    ///
    /// # Errors
    /// The author's.
    fn plan(self, context: &PlanContext) -> Result<RunPlan>;
}

#[diagnostic::do_not_recommend]
impl<F: FnOnce(&PlanContext) -> Result<RunPlan>> PlanAlone for F {
    fn plan(self, context: &PlanContext) -> Result<RunPlan> {
        self(context)
    }
}

/// A function that `validators` names.
#[diagnostic::on_unimplemented(
    message = "a validator is not of the form `fn(&WorkloadResult, &Path) -> Vec<Issue>`",
    label = "a validator takes the result and the folder of the artifacts"
)]
pub trait Validator {
    /// Calls it.
    fn validate(self, result: &WorkloadResult, artifacts: &Path) -> Vec<Issue>;
}

#[diagnostic::do_not_recommend]
impl<F: FnOnce(&WorkloadResult, &Path) -> Vec<Issue>> Validator for F {
    fn validate(self, result: &WorkloadResult, artifacts: &Path) -> Vec<Issue> {
        self(result, artifacts)
    }
}

/// The function that `summarize` names.
#[diagnostic::on_unimplemented(
    message = "`summarize` is not of the form `fn(&Path) -> Result<serde_json::Value>`",
    label = "a summary is made of the folder of the artifacts"
)]
pub trait Summarize {
    /// Calls it.
    ///
    /// # Errors
    /// The author's.
    fn summarize(self, artifacts: &Path) -> Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<F: FnOnce(&Path) -> Result<Value>> Summarize for F {
    fn summarize(self, artifacts: &Path) -> Result<Value> {
        self(artifacts)
    }
}
