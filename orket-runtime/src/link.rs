//! The way from a workload to whoever runs it: the host's stream, or a test in the same process.
//!
//! Capability calls take the way of [`crate::capabilities::CapabilityProvider`] instead.

use std::cell::RefCell;
use std::rc::Rc;

use orket_contract::protocol::Level;
use serde_json::Value;

use crate::result::{ArtifactRef, Result};

/// What a context needs besides capabilities.
pub(crate) trait Link {
    /// Reports a finished artifact, by its path below the artifact folder, and waits for its digest.
    fn artifact(&mut self, path: &str, kind: Option<&str>) -> Result<ArtifactRef>;

    /// Puts an observation on record.
    fn trace(&mut self, event: &str, payload: Value) -> Result<()>;

    /// Writes a line for people; nobody waits for it.
    fn log(&mut self, level: Level, message: &str);
}

/// A link that a context and its parts share. Everything happens on one thread.
pub(crate) type SharedLink = Rc<RefCell<dyn Link>>;
