//! What an author tests with: fakes, a run in the same process, the determinism harness and golden
//! artifacts. No host is involved; everything works in a plain `cargo test`.
//!
//! ```
//! use orket_runtime::{prelude::*, testing::{FakeCapabilities, run}};
//!
//! #[orket_runtime::extension(id = "dice.game", capabilities = ["rng"])]
//! pub mod dice {
//!     use super::*;
//!     #[workload(id = "dice_v1")]
//!     pub fn dice_v1(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
//!         let eyes = ctx.capabilities.rng()?.stream("dice")?.range(1..7);
//!         WorkloadResult::ok(json!({ "eyes": eyes }))
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! let outcome = run(dice::register, "dice_v1", json!({}), &FakeCapabilities::new().with_seed(7))?;
//! assert!(outcome.result.output["eyes"].as_u64().is_some_and(|eyes| (1..=6).contains(&eyes)));
//! # Ok(())
//! # }
//! ```
//!
//! A run in a test is stricter than a governed one: it sees the machine's own clock, entropy and
//! hash order, which Orket makes repeat in a real run. [`DeterminismHarness::virtualised`] makes them
//! repeat in a test, too.

mod difference;
mod fake;
mod folder;
mod golden;
mod harness;
mod network;
mod outcome;
mod services;
mod world;

pub use difference::Difference;
pub use fake::FakeCapabilities;
pub use golden::GoldenArtifact;
pub use harness::{DeterminismHarness, Finding};
pub use orket_contract::protocol::Level;
pub use outcome::{Outcome, run};
