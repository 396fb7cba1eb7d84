//! What a workload is run with again and again, and nobody watches.

use super::{Asked, Console};
use crate::error::Result;
use orket_engine::Request;
use orket_engine::capability::{Kv, Profile};
use orket_engine::journal::case::Case;
use serde_json::Value;

/// What a run is asked for with.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) input: Value,
    pub(crate) kv: Kv,
    pub(crate) memory: Profile,
    pub(crate) script: Vec<String>,
    pub(crate) seed: u64,
    pub(crate) workload: String,
}

impl Question {
    /// That of the command line.
    ///
    /// # Errors
    /// What cannot be read of a script.
    pub(crate) fn of(asked: &Asked, workload: &str) -> Result<Self> {
        let script = asked.script.lines()?;
        let Asked { seed, input, kv, memory, .. } = asked.clone();
        Ok(Self { input, kv, memory, script, seed, workload: workload.to_owned() })
    }

    /// That of a recorded case.
    pub(crate) fn of_case(case: Case, workload: &str) -> Self {
        let Case { input, kv, memory, script, seed, .. } = case;
        Self { input, kv, memory, script, seed, workload: workload.to_owned() }
    }

    /// One request.
    pub(crate) fn request(&self) -> Request {
        Request {
            workload: self.workload.clone(),
            seed: self.seed,
            input: self.input.clone(),
            kv: self.kv.clone(),
            console: Console::silent(&self.script),
            memory: self.memory.clone(),
            screen: None,
            silent: true,
            probe: None,
        }
    }
}
