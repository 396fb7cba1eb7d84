//! What nearly every workload needs.
//!
//! ```
//! use orket_runtime::prelude::*;
//! let result: Result<WorkloadResult> = WorkloadResult::ok(json!({ "solved": true }));
//! ```

pub use crate::capabilities::AudioClip;
pub use crate::result::{ArtifactRef, Error, Issue, Result, WorkloadResult};
pub use crate::workload::{PlanContext, RunAction, RunPlan, WorkloadContext};
pub use crate::{Schema, extension, workload};
pub use serde_json::{Value, json};
