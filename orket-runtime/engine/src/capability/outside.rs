//! Waiting for what is outside of the host: it is not the guest's time, and it has an end of its own.

use super::failure;
use super::program::{Bounds, Program};
use crate::clock::Budget;
use crate::kernel::Interrupt;
use orket_contract::code;
use orket_contract::protocol::Failure;
use std::time::{Duration, Instant};

/// The longest that one call may wait.
const CALL_MAX: Duration = Duration::from_secs(120);

/// What is left of the time that a run may wait for outside services.
pub(crate) struct Outside {
    interrupt: Interrupt,
    max: Duration,
    left: Duration,
}

impl Outside {
    /// A run may wait for `max` in all.
    pub(crate) fn new(max: Duration, interrupt: Interrupt) -> Self {
        Self { interrupt, max, left: max }
    }

    /// What ends programs.
    pub(super) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Waits, for as long as there is, without taking it from the guest's budget.
    ///
    /// # Errors
    /// `capability.failed` with what went wrong, or when the run has waited long enough.
    pub(super) fn wait<T>(
        &mut self,
        budget: &mut Budget,
        wait: impl FnOnce(Duration, &Interrupt) -> Result<T, String>,
    ) -> Result<T, Failure> {
        if self.left.is_zero() {
            let message = format!("the run has waited {} s for outside services", self.max.as_secs());
            return Err(failure(code::CAPABILITY_FAILED, message));
        }
        let (cap, before) = (self.left.min(CALL_MAX), Instant::now());
        let answer = budget.paused(|| wait(cap, &self.interrupt));
        self.left = self.left.saturating_sub(before.elapsed());
        answer.map_err(|message| failure(code::CAPABILITY_FAILED, message))
    }

    /// Runs a program to its end: what it writes, at most `bytes_max` bytes.
    ///
    /// # Errors
    /// As [`Outside::wait`].
    pub(super) fn run(
        &mut self,
        budget: &mut Budget,
        program: &Program,
        fill: &[(&str, &str)],
        input: Vec<u8>,
        bytes_max: usize,
    ) -> Result<Vec<u8>, Failure> {
        self.wait(budget, |cap, interrupt| {
            let bounds = Bounds { bytes_max, wall_max: cap, cut: false };
            program.run(fill, input, &bounds, interrupt).map_err(|error| error.to_string())
        })
    }
}
