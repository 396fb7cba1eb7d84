//! What a workload runs with, and what it is to the guest.
//!
//! ```
//! use orket_runtime::prelude::*;
//! fn greet(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
//!     ctx.trace.emit("person.greeted", json!({ "seed": ctx.seed.to_string() }))?;
//!     ctx.artifacts.write_text("greeting.txt", "hello\n")?;
//!     WorkloadResult::ok(json!({}))
//! }
//! ```

mod artifacts;
mod context;
mod record;
mod registry;

pub use artifacts::{ArtifactWriter, Artifacts};
pub(crate) use context::Stage;
pub use context::{PlanContext, WorkloadContext};
pub use orket_contract::plan::{RunAction, RunPlan};
pub use record::{Logger, Trace};
pub use registry::Registry;

use std::path::Path;

use serde_json::Value;

use crate::capabilities::CapabilityId;
use crate::result::{Issue, Result, WorkloadResult};

/// Something that can be run. `#[workload]` makes one of a function; authors need no implementation
/// of their own.
///
/// ```
/// use orket_runtime::prelude::*;
/// use orket_runtime::workload::Workload;
///
/// struct Greeting;
/// impl Workload for Greeting {
///     fn id(&self) -> &str {
///         "greeting_v1"
///     }
///     fn run(&self, ctx: &mut WorkloadContext, input: Value) -> Result<WorkloadResult> {
///         ctx.logger.info(format_args!("greeting {input}"));
///         WorkloadResult::ok(json!({ "greeted": input["name"] }))
///     }
/// }
/// assert_eq!(Greeting.version(), "0.0.0");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no workload",
    label = "this cannot be run",
    note = "put `#[workload]` on a function of the extension's module, whose `register` adds it"
)]
pub trait Workload {
    /// Its stable name.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::Workload};
    /// fn title(workload: &dyn Workload) -> String {
    ///     format!("{} {}", workload.id(), workload.version())
    /// }
    /// ```
    fn id(&self) -> &str;

    /// Its version, semver; `0.0.0` unless it says otherwise.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::Workload};
    /// fn is_stable(workload: &dyn Workload) -> bool {
    ///     !workload.version().starts_with("0.")
    /// }
    /// ```
    fn version(&self) -> String {
        "0.0.0".to_owned()
    }

    /// The capabilities that it declares.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::Workload};
    /// fn speaks(workload: &dyn Workload) -> bool {
    ///     workload.capabilities().iter().any(|id| id.as_str() == "console")
    /// }
    /// ```
    fn capabilities(&self) -> Vec<CapabilityId> {
        Vec::new()
    }

    /// Compiles an input into a plan, without capabilities: one step that runs the workload, unless
    /// it says otherwise.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::Workload};
    /// fn steps(workload: &dyn Workload, ctx: &PlanContext) -> Result<usize> {
    ///     Ok(workload.plan(ctx, json!({}))?.actions.len())
    /// }
    /// ```
    ///
    /// # Errors
    /// The author's.
    fn plan(&self, ctx: &PlanContext, input: Value) -> Result<RunPlan> {
        let _ = input;
        Ok(ctx.plan())
    }

    /// Does the work.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::Workload};
    /// fn twice(workload: &dyn Workload, ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    ///     workload.run(ctx, json!({ "part": 1 }))?;
    ///     workload.run(ctx, json!({ "part": 2 }))
    /// }
    /// ```
    ///
    /// # Errors
    /// The author's.
    fn run(&self, ctx: &mut WorkloadContext, input: Value) -> Result<WorkloadResult>;

    /// What the author finds wrong with a result and the folder of its artifacts.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::Workload};
    /// # use std::path::Path;
    /// fn is_sound(workload: &dyn Workload, result: &WorkloadResult, artifacts: &Path) -> bool {
    ///     !workload.validate(result, artifacts).iter().any(Issue::is_error)
    /// }
    /// ```
    fn validate(&self, result: &WorkloadResult, artifacts: &Path) -> Vec<Issue> {
        let _ = (result, artifacts);
        Vec::new()
    }

    /// The author's summary of the artifacts, an object; `None` where there is no such function.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::Workload};
    /// # use std::path::Path;
    /// fn turns(workload: &dyn Workload, artifacts: &Path) -> Result<Option<u64>> {
    ///     Ok(workload.summarize(artifacts)?.and_then(|summary| summary["turns"].as_u64()))
    /// }
    /// ```
    ///
    /// # Errors
    /// The author's.
    fn summarize(&self, artifacts: &Path) -> Result<Option<Value>> {
        let _ = artifacts;
        Ok(None)
    }
}
