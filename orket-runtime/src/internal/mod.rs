//! What the expansions of the macros refer to. Not for authors: no item here is stable.
//!
//! Invariant: the module carries the marker `import.internal`, which `cargo orket lint` reports
//! wherever it is named by anything but an expansion of ours.

#![doc(hidden)]
#![deprecated(note = "import.internal: this is the support of the macros and changes without notice")]

mod entry;
mod function;
mod json;
mod note;
mod program;

pub use entry::{ExtensionEntry, ValidatorEntry, WorkloadEntry, main};
pub use function::{Context, Input, NoInput, Output, Plan, PlanAlone, Summarize, Validator};
pub use json::{Piece, length, render, text};
pub use note::{Fault, Notes, ids, notes, notes_length};

pub use crate::schema::Schema;

/// The version of this SDK.
pub const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");
/// The range of Orket versions that are compatible with this SDK.
pub const RUNTIME: &str = concat!("^", env!("CARGO_PKG_VERSION"));
