//! What the macros hand to the guest: tables of functions, with the notes rendered from them.
//!
//! Invariant: every value here is a constant, so that nothing has to run to build it.

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use crate::result::{Error, Issue, Result, WorkloadResult};
use crate::workload::{PlanContext, Registry, RunPlan, WorkloadContext};

/// A workload as the guest runs it.
pub struct WorkloadEntry {
    /// Its id.
    pub id: &'static str,
    /// Its manifest note: canonical JSON.
    pub note: &'static str,
    /// Reads the author's input from JSON and calls the author's function.
    pub run: fn(&mut WorkloadContext, Value) -> Result<WorkloadResult>,
    /// Reads the author's input from JSON and calls the author's `plan`.
    pub plan: Option<fn(&PlanContext, Value) -> Result<RunPlan>>,
    /// The author's validators, in the order in which they were named.
    pub validators: &'static [ValidatorEntry],
    /// The author's `summarize`, which is given the artifact folder.
    pub summarize: Option<fn(&Path) -> Result<Value>>,
}

/// A validator and its name in reports.
pub struct ValidatorEntry {
    /// The last segment of the path that the author named.
    pub name: &'static str,
    /// The author's function, which is given the result and the artifact folder.
    pub run: fn(&WorkloadResult, &Path) -> Vec<Issue>,
}

/// An extension as the guest serves it.
pub struct ExtensionEntry {
    /// Its id.
    pub id: &'static str,
    /// Its header note: canonical JSON.
    pub note: &'static str,
    /// Its workloads, in the order of the header.
    pub workloads: &'static [WorkloadEntry],
    /// The generated `register` of the author's module.
    pub register: fn(&mut Registry),
}

impl WorkloadEntry {
    /// Stands for a workload whose attribute was refused, so that no other error follows.
    pub const REFUSED: Self =
        Self { id: "", note: "{}", run: |_, _| Err(refused()), plan: None, validators: &[], summarize: None };
}

impl ExtensionEntry {
    /// Stands for an extension whose attribute was refused.
    pub const REFUSED: Self = Self { id: "", note: "{}", workloads: &[], register: |_| {} };
}

fn refused() -> Error {
    Error::new(orket_contract::code::EXTENSION_EMPTY, "the macros refused this workload")
}

/// The body of the `main` that `main!` generates.
#[must_use]
pub fn main(extension: &'static ExtensionEntry, notes: &'static [u8]) -> ExitCode {
    // The reference is what keeps the note section in the program.
    std::hint::black_box(notes);
    crate::guest::main(extension)
}
