//! The program side of the conversation: the one place where the SDK meets the world.
//!
//! Invariants: a guest acts only on frames; it reads neither clock nor environment, and says
//! nothing on standard output. A broken stream ends it at once, because nobody listens any more.

mod panic;
mod session;
mod stream;
mod wire;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::rc::Rc;

use orket_contract::code;
use orket_contract::id::WorkloadId;
use orket_contract::protocol::{self, Context, Failure, GuestFrame};
use orket_contract::result as contract;
use serde_json::Value;

use crate::ambient;
use crate::capabilities::{Capabilities, CapabilityId, CapabilityRegistry};
#[allow(deprecated, reason = "the marker is for authors")]
use crate::internal::ExtensionEntry;
use crate::result::{Error, Result, WorkloadResult, object};
use crate::workload::{PlanContext, Registry, Stage, Workload, WorkloadContext};
use panic::Caught;
use session::Task;
use wire::{HostProvider, Wire};

/// The exit code of a program that was started without a host.
const UNHOSTED: u8 = 2;
/// The exit code after a stream that broke or made no sense.
const BROKEN: u8 = 1;

/// Serves an extension on the stream that the host left at [`protocol::GUEST_FD`].
#[allow(deprecated, reason = "the marker is for authors")]
pub(crate) fn main(extension: &'static ExtensionEntry) -> ExitCode {
    let Some(stream) = stream::inherited() else {
        eprintln!("{}", unhosted(extension));
        return ExitCode::from(UNHOSTED);
    };
    panic::remember(stream.clone());
    let served = panic::caught(|| serve(extension, Wire::over(stream)));
    match served {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(_)) | Err(_) => ExitCode::from(BROKEN),
    }
}

#[allow(deprecated, reason = "the marker is for authors")]
fn unhosted(extension: &ExtensionEntry) -> String {
    let id = extension.id;
    let runs = extension.workloads.iter().map(|workload| format!("\n    cargo orket run {}", workload.id));
    let runs: String = runs.collect();
    format!("`{id}` is an Orket extension: it runs in a sandbox, where a host starts it. Run it with{runs}")
}

/// Says hello, then does what the host asks for until it closes the stream.
#[allow(deprecated, reason = "the marker is for authors")]
fn serve(extension: &'static ExtensionEntry, wire: Wire) -> Result<()> {
    let mut registry = Registry::new();
    (extension.register)(&mut registry);
    let notes = extension.workloads.iter().map(|workload| workload.note);
    let notes = std::iter::once(extension.note).chain(notes).map(str::to_owned).collect();
    let guest = Guest {
        registry,
        wire: Rc::new(RefCell::new(wire)),
        stage: Stage::of_guest(),
        held: RefCell::new(Capabilities::holding(BTreeMap::new())),
    };
    guest.answer(&GuestFrame::Hello { protocol: protocol::VERSION, notes })?;
    loop {
        let task = guest.wire.borrow_mut().task();
        match task {
            Ok(Some(task)) => {
                let answer = guest.perform(task);
                guest.tell_observed()?;
                guest.answer(&answer)?;
            }
            Ok(None) => return Ok(()),
            Err(error) => return guest.answer(&failed(error.clone())).and(Err(error)),
        }
    }
}

/// What a guest serves with.
struct Guest {
    registry: Registry,
    wire: Rc<RefCell<Wire>>,
    stage: Stage,
    /// What was granted: nothing, until the host says so.
    held: RefCell<Capabilities>,
}

impl Guest {
    /// Sends what a task gave; where that is too large to be sent, says so instead.
    fn answer(&self, frame: &GuestFrame) -> Result<()> {
        let mut wire = self.wire.borrow_mut();
        wire.send(frame, &[]).or_else(|error| wire.send(&failed(error), &[]))
    }

    /// Says what the task asked of the standard library, before its answer.
    fn tell_observed(&self) -> Result<()> {
        ambient::observed().map_or(Ok(()), |observed| self.wire.borrow_mut().send(&observed, &[]))
    }

    fn perform(&self, task: Task) -> GuestFrame {
        match panic::caught(|| self.frame(task)) {
            Ok(Ok(frame)) => frame,
            Ok(Err(error)) => failed(error),
            Err(Caught::Panicked(failure)) => GuestFrame::Failed { failure },
            // Passed on: the stream is of no use for an answer.
            Err(Caught::Broken) => panic::broken_stream(),
        }
    }

    fn frame(&self, task: Task) -> Result<GuestFrame> {
        match task {
            Task::Grant { capabilities, ambient } => {
                ambient.iter().for_each(ambient::begin);
                self.hold(&capabilities)
            }
            Task::Plan { workload, seed, input } => self.plan(&workload, seed, input),
            Task::Start { workload, context, input } => {
                let result = self.run(&workload, context, input)?;
                Ok(GuestFrame::Done { result })
            }
            Task::Validate { workload, result } => {
                let result = WorkloadResult::from(result);
                let issues = self.workload(&workload)?.validate(&result, &self.stage.artifacts);
                Ok(GuestFrame::Validated { issues })
            }
            Task::Summarize { workload } => {
                let summary = self.workload(&workload)?.summarize(&self.stage.artifacts)?;
                let summary = summary.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
                Ok(GuestFrame::Summary { value: object(summary, "a summary")? })
            }
        }
    }

    /// Makes the handles of what was granted, and says which ones there are.
    fn hold(&self, granted: &[String]) -> Result<GuestFrame> {
        let granted: Vec<_> = granted.iter().filter_map(CapabilityId::new).collect();
        let mut registry = CapabilityRegistry::new();
        registry.merge(&HostProvider::new(self.wire.clone(), &granted))?;
        let held = registry.resolve(&granted)?;
        let capabilities = held.ids().map(ToString::to_string).collect();
        *self.held.borrow_mut() = held;
        Ok(GuestFrame::Holding { capabilities })
    }

    fn plan(&self, id: &str, seed: u64, input: Value) -> Result<GuestFrame> {
        let workload = self.workload(id)?;
        let ctx = PlanContext {
            seed,
            workspace_dir: self.stage.workspace.clone(),
            workload_id: WorkloadId::new(id)?,
            workload_version: workload.version(),
        };
        Ok(GuestFrame::Planned { plan: workload.plan(&ctx, input)? })
    }

    fn run(&self, id: &str, context: Context, input: Value) -> Result<contract::WorkloadResult> {
        let workload = self.workload(id)?;
        let capabilities = self.held.borrow().clone();
        let link = self.wire.clone() as crate::link::SharedLink;
        let mut ctx = WorkloadContext::new(context, capabilities, &link, self.stage.clone());
        let result = workload.run(&mut ctx, input)?;
        Ok(result.listing(ctx.artifacts.written()))
    }

    fn workload(&self, id: &str) -> Result<&dyn Workload> {
        let message = || format!("the extension has no workload `{id}`");
        self.registry.find(id).ok_or_else(|| Error::new(code::WORKLOAD_UNKNOWN, message()))
    }
}

/// The most bytes of a message that are sent on.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

fn failed(error: Error) -> GuestFrame {
    let mut failure: Failure = error.into_failure();
    if failure.message.len() > MESSAGE_BYTES_MAX {
        failure.message.truncate(failure.message.floor_char_boundary(MESSAGE_BYTES_MAX));
        failure.message.push('…');
    }
    GuestFrame::Failed { failure }
}

#[cfg(test)]
mod tests;
