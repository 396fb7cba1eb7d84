//! The workloads of an extension, as the generated `register` hands them over.

use std::path::Path;

use orket_contract::manifest;
use serde_json::Value;

use super::{PlanContext, RunPlan, Workload, WorkloadContext};
use crate::capabilities::CapabilityId;
#[allow(deprecated, reason = "the marker is for authors")]
use crate::internal::{ExtensionEntry, WorkloadEntry};
use crate::result::{Issue, Result, WorkloadResult};

/// The workloads of an extension, by id.
///
/// ```
/// #[orket_runtime::extension(id = "hello.world")]
/// pub mod hello {
///     use orket_runtime::prelude::*;
///
///     #[workload(id = "hello_v1")]
///     pub fn hello_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
///         WorkloadResult::ok(json!({}))
///     }
/// }
/// # fn main() {
/// let mut registry = orket_runtime::workload::Registry::new();
/// hello::register(&mut registry);
/// assert_eq!(registry.ids().collect::<Vec<_>>(), ["hello_v1"]);
/// # }
/// ```
#[derive(Default)]
pub struct Registry {
    entries: Vec<Registered>,
}

struct Registered {
    workload: Box<dyn Workload>,
    shared: Vec<CapabilityId>,
}

#[allow(deprecated, reason = "the marker is for authors")]
impl Registry {
    /// A registry without workloads.
    ///
    /// ```
    /// assert_eq!(orket_runtime::workload::Registry::new().ids().count(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a workload; of two with one id the first counts.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// use orket_runtime::workload::{Registry, Workload};
    /// struct Idle;
    /// impl Workload for Idle {
    ///     fn id(&self) -> &str {
    ///         "idle"
    ///     }
    ///     fn run(&self, _: &mut WorkloadContext, _: Value) -> Result<WorkloadResult> {
    ///         WorkloadResult::stop(json!({}))
    ///     }
    /// }
    /// let mut registry = Registry::new();
    /// registry.add(Idle);
    /// assert!(registry.find("idle").is_some());
    /// ```
    pub fn add(&mut self, workload: impl Workload + 'static) {
        self.entries.push(Registered { workload: Box::new(workload), shared: Vec::new() });
    }

    /// Adds the workloads of an extension, with the capabilities that it declares for all of them.
    #[doc(hidden)]
    pub fn extension(&mut self, extension: &'static ExtensionEntry) {
        let shared = header_capabilities(extension.note);
        self.entries.extend(
            extension
                .workloads
                .iter()
                .map(|workload| Registered { workload: Box::new(workload), shared: shared.clone() }),
        );
    }

    /// The ids, in the order in which they were added.
    ///
    /// ```
    /// assert!(orket_runtime::workload::Registry::new().ids().next().is_none());
    /// ```
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.workload.id())
    }

    /// The workload of that id.
    ///
    /// ```
    /// assert!(orket_runtime::workload::Registry::new().find("hello_v1").is_none());
    /// ```
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&dyn Workload> {
        self.entry(id).map(|entry| entry.workload.as_ref())
    }

    /// What a workload may use: its own capabilities and those of its extension, sorted and unique.
    ///
    /// ```
    /// assert!(orket_runtime::workload::Registry::new().capabilities("hello_v1").is_empty());
    /// ```
    #[must_use]
    pub fn capabilities(&self, id: &str) -> Vec<CapabilityId> {
        let Some(entry) = self.entry(id) else { return Vec::new() };
        let mut all: Vec<_> = entry.workload.capabilities().into_iter().chain(entry.shared.clone()).collect();
        all.sort();
        all.dedup();
        all
    }

    fn entry(&self, id: &str) -> Option<&Registered> {
        self.entries.iter().find(|entry| entry.workload.id() == id)
    }
}

/// What the header note declares. A note that cannot be read is the host's to refuse, at the handshake.
fn header_capabilities(note: &str) -> Vec<CapabilityId> {
    serde_json::from_str(note).map(|header: manifest::Header| header.capabilities).unwrap_or_default()
}

#[allow(deprecated, reason = "the marker is for authors")]
fn claim(entry: &WorkloadEntry) -> Option<manifest::Workload> {
    serde_json::from_str(entry.note).ok()
}

#[allow(deprecated, reason = "the marker is for authors")]
impl Workload for &'static WorkloadEntry {
    fn id(&self) -> &str {
        self.id
    }

    fn version(&self) -> String {
        claim(self).map_or_else(|| "0.0.0".to_owned(), |claim| claim.version)
    }

    fn capabilities(&self) -> Vec<CapabilityId> {
        claim(self).map(|claim| claim.capabilities).unwrap_or_default()
    }

    fn plan(&self, ctx: &PlanContext, input: Value) -> Result<RunPlan> {
        self.plan.map_or_else(|| Ok(ctx.plan()), |plan| plan(ctx, input))
    }

    fn run(&self, ctx: &mut WorkloadContext, input: Value) -> Result<WorkloadResult> {
        (self.run)(ctx, input)
    }

    fn validate(&self, result: &WorkloadResult, artifacts: &Path) -> Vec<Issue> {
        let found_by = |name| {
            move |issue: Issue| match issue.stage {
                None => issue.in_stage(&format!("check/{name}")),
                Some(_) => issue,
            }
        };
        let run = |validator: &crate::internal::ValidatorEntry| {
            (validator.run)(result, artifacts).into_iter().map(found_by(validator.name))
        };
        self.validators.iter().flat_map(run).collect()
    }

    fn summarize(&self, artifacts: &Path) -> Result<Option<Value>> {
        self.summarize.map(|summarize| summarize(artifacts)).transpose()
    }
}
