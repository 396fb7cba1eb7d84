//! The `voice.turn_control` capability.

use std::time::Duration;

use serde::Deserialize;

use super::handle::Handle;
use crate::result::Result;

/// Whose turn it is to speak.
///
/// ```
/// # use orket_runtime::{capabilities::{TurnControl, TurnState}, Result};
/// fn is_heard(control: &TurnControl) -> Result<bool> {
///     Ok(control.state()? == TurnState::Listening)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TurnState {
    /// Nobody's.
    Idle,
    /// The person's: the host listens.
    Listening,
    /// The workload's: what was said is being worked on.
    Processing,
}

/// Says whose turn it is to speak. When virtual time has moved by the silence delay since a turn
/// began, the person's turn ends by itself.
///
/// Operations: `control {command, silence_ms}` → `{state}`, where the command is `start`, `stop` or
/// `submit`; `state {}` → `{state}`.
///
/// ```
/// use orket_runtime::prelude::*;
/// use std::time::Duration;
/// fn hear(ctx: &mut WorkloadContext) -> Result<AudioClip> {
///     let control = ctx.capabilities.turn_control()?;
///     control.start(Duration::from_secs(2))?;
///     let clip = ctx.capabilities.audio_input()?.record(Duration::from_secs(10))?;
///     control.submit()?;
///     Ok(clip)
/// }
/// ```
#[derive(Clone)]
pub struct TurnControl(Handle);

#[derive(Deserialize)]
struct Now {
    state: TurnState,
}

impl TurnControl {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// Begins a turn of the person, which ends after so much silence: 0.2 to 10 seconds.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::TurnControl, Result};
    /// # use std::time::Duration;
    /// fn patiently(control: &TurnControl) -> Result<()> {
    ///     control.start(Duration::from_secs(10)).map(|_| ())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` for a delay out of range.
    #[track_caller]
    pub fn start(&self, silence_delay: Duration) -> Result<TurnState> {
        let silence_ms = u64::try_from(silence_delay.as_millis()).unwrap_or(u64::MAX);
        let args = [("command", "start".into()), ("silence_ms", silence_ms.into())];
        self.0.call("control", args, &[]).map(|Now { state }| state)
    }

    /// Ends whatever turn it is; what was said is let go.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::TurnControl, Result};
    /// fn never_mind(control: &TurnControl) -> Result<()> {
    ///     control.stop().map(|_| ())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host's answer cannot be read.
    #[track_caller]
    pub fn stop(&self) -> Result<TurnState> {
        self.0.call("control", [("command", "stop".into())], &[]).map(|Now { state }| state)
    }

    /// Ends the person's turn and takes what was said.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::TurnControl, Result};
    /// fn enough(control: &TurnControl) -> Result<()> {
    ///     control.submit().map(|_| ())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` when it is not the person's turn.
    #[track_caller]
    pub fn submit(&self) -> Result<TurnState> {
        self.0.call("control", [("command", "submit".into())], &[]).map(|Now { state }| state)
    }

    /// Whose turn it is now.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{TurnControl, TurnState}, Result};
    /// fn is_free(control: &TurnControl) -> Result<bool> {
    ///     Ok(control.state()? == TurnState::Idle)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host's answer cannot be read.
    #[track_caller]
    pub fn state(&self) -> Result<TurnState> {
        self.0.call("state", [], &[]).map(|Now { state }| state)
    }
}
