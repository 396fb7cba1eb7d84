//! The Orket host: runs extensions as confined child processes and governs what they do.
//!
//! ```text
//! loader::resolve → Resolved      what an artifact claims, read without running it
//! permissions::admit → Admitted   what of it is allowed here
//! kernel::prepare → Prepared      materials staged, a cell drawn around them
//! kernel::plan → Plan             everything that will be allowed; prints completely
//! kernel::execute → Outcome       steps run, calls answered and recorded
//! kernel::check → Checked         result, artifacts and the author's validators
//! registry → Finished, Published  the record, visible by one rename
//! ```
//! [`ExtensionManager`] is the only way in. Each of these types is made by its own stage alone.

#![deny(unsafe_code)]

mod ambient;
pub mod attest;
mod authorization;
mod beneath;
pub mod capability;
pub mod catalog;
mod clock;
mod error;
pub mod git;
mod group;
pub mod home;
mod input;
pub mod install;
pub mod journal;
mod kernel;
pub mod loader;
mod manager;
mod materials;
pub mod package;
mod permissions;
pub mod registry;
mod reliable;
pub mod runs;
pub mod sandbox;
mod session;
pub mod source;
pub mod store;
pub mod surroundings;
pub mod verification;

pub use ambient::{AMBIENT, Ambient, Asked, CHECKING, Probe};
pub use authorization::{AUTHORIZATION, Authorized, Decision, Denial, Observed, Sets};
pub use error::{Error, Phase};
pub use kernel::{Checked, Event, Extension, Interrupt, Observer, Outcome, Plan};
pub use manager::{ExtensionManager, Repeated, Request, Series, Witnessed};
pub use materials::{StagedMaterial, below, provided};
pub use permissions::{Admitted, Policy, compatible};
pub use reliable::Weakening;
