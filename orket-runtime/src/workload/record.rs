//! What a workload tells while it runs: log lines for people, observations for the record.

use std::fmt;

use orket_contract::protocol::Level;
use serde::Serialize;

use crate::link::SharedLink;
use crate::result::{Error, Result, authors_place};

/// Writes lines for people. They are shown and kept, but are no part of what must repeat.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn report(ctx: &WorkloadContext, left: u32) {
///     ctx.logger.info("the world is built");
///     ctx.logger.warn(format_args!("{left} hints are left"));
/// }
/// ```
#[derive(Clone)]
pub struct Logger {
    link: SharedLink,
}

impl Logger {
    pub(crate) fn over(link: SharedLink) -> Self {
        Self { link }
    }

    /// For the author alone.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// fn show(ctx: &WorkloadContext) {
    ///     ctx.logger.debug(format_args!("{:?}", ctx.capabilities));
    /// }
    /// ```
    pub fn debug(&self, message: impl fmt::Display) {
        self.log(Level::Debug, &message);
    }

    /// Worth knowing.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// fn show(ctx: &WorkloadContext) {
    ///     ctx.logger.info("the world is built");
    /// }
    /// ```
    pub fn info(&self, message: impl fmt::Display) {
        self.log(Level::Info, &message);
    }

    /// Odd, but the work goes on.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// fn show(ctx: &WorkloadContext) {
    ///     ctx.logger.warn("the script ended early");
    /// }
    /// ```
    pub fn warn(&self, message: impl fmt::Display) {
        self.log(Level::Warn, &message);
    }

    /// Something failed.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// fn show(ctx: &WorkloadContext, error: &Error) {
    ///     ctx.logger.error(error);
    /// }
    /// ```
    pub fn error(&self, message: impl fmt::Display) {
        self.log(Level::Error, &message);
    }

    fn log(&self, level: Level, message: &dyn fmt::Display) {
        // Formatted first: the author's `Display` may log as well.
        let message = message.to_string();
        self.link.borrow_mut().log(level, &message);
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Logger")
    }
}

/// Puts observations on the record of the run, where they must repeat.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn turn(ctx: &WorkloadContext, number: u32) -> Result<()> {
///     ctx.trace.emit("turn.played", json!({ "turn": number }))
/// }
/// ```
#[derive(Clone)]
pub struct Trace {
    link: SharedLink,
}

impl Trace {
    pub(crate) fn over(link: SharedLink) -> Self {
        Self { link }
    }

    /// Records an observation under a name in the form `noun.what`.
    ///
    /// The payload is hashed: numbers in it are integers within ±(2^53 − 1), and the host ends a
    /// run that sends others with `json.number`. Write a fraction or a 64-bit number as a string.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// #[derive(serde::Serialize)]
    /// struct Hint<'a> { about: &'a str, turn: u32 }
    ///
    /// fn hint(ctx: &WorkloadContext) -> Result<()> {
    ///     ctx.trace.emit("hint.given", Hint { about: "ARCHIVE", turn: 3 })
    /// }
    /// ```
    ///
    /// # Errors
    /// `result.error` when the payload cannot be written as JSON; `protocol.too-large` when it is
    /// longer than 8 MiB.
    #[track_caller]
    pub fn emit(&self, event_type: &str, payload: impl Serialize) -> Result<()> {
        let place = authors_place();
        let payload = serde_json::to_value(payload)?;
        let sent = self.link.borrow_mut().trace(event_type, payload);
        sent.map_err(|error| Error::told(error.into_failure(), place))
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace")
    }
}
