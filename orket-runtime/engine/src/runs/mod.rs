//! Published runs as they lie in a store: listed, read back, pruned.
//!
//! Invariants: every file of a run is foreign, since anybody may have changed it; each is bounded
//! before it is read. A run that cannot be read is damaged, with its issues, and never left out.

mod listed;
mod prune;
mod recorded;

pub use listed::{Listed, State, find, list};
pub use prune::{Keep, Pruned, prune};
pub use recorded::{FINDINGS, RecordedPlan, RecordedRun};
