//! Plans a run and executes its steps. Execution adds no decision to the plan.

mod allowance;
mod boxes;
mod check;
mod conversation;
mod execute;
mod interrupt;
mod load;
mod log;
mod plan;
mod scan;
mod told;

pub use check::Checked;
pub use execute::Outcome;
pub use interrupt::Interrupt;
pub use plan::{Extension, Plan};

pub(crate) use allowance::Allowance;
pub(crate) use boxes::Boxes;
pub(crate) use check::check;
pub(crate) use conversation::{Cell, Conversation, Host};
pub(crate) use execute::{Run, execute};
pub(crate) use interrupt::Guard;
pub(crate) use log::Log;
pub(crate) use plan::{Asked, Prepared, plan, prepare};
pub(crate) use scan::scan;

use orket_contract::protocol::Level;
use serde::Serialize;

use crate::error::Phase;

/// Something that happens during a run, for whoever watches.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A phase of the pipeline begins.
    Phase {
        /// Which one.
        phase: Phase,
    },
    /// The guest logs a line.
    Log {
        /// How loud.
        level: Level,
        /// The line.
        message: String,
    },
    /// The guest puts an observation on record.
    Trace {
        /// Its name.
        name: String,
        /// Its facts.
        payload: serde_json::Value,
    },
}

/// Whoever watches a run.
pub trait Observer {
    /// Takes an event as it happens.
    fn on_event(&mut self, event: &Event);
}

/// Nobody watches.
impl Observer for () {
    fn on_event(&mut self, _: &Event) {}
}
