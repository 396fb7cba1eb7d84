//! The `console` capability.

use super::handle::Handle;
use crate::result::Result;

/// Text to and from a person or a script.
///
/// Operations: `write {text}` → null; `read_line {prompt}` → the line without its newline, or null
/// at the end of input.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn parrot(ctx: &mut WorkloadContext) -> Result<()> {
///     let console = ctx.capabilities.console()?;
///     while let Some(line) = console.read_line("> ")? {
///         console.write_line(&line)?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Console(Handle);

impl Console {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// Writes text as it is.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Console, Result};
    /// fn dots(console: &Console) -> Result<()> {
    ///     console.write("…")
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host could not write.
    #[track_caller]
    pub fn write(&self, text: &str) -> Result<()> {
        self.0.call("write", [("text", text.into())], &[])
    }

    /// Writes text and a newline.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Console, Result};
    /// fn greet(console: &Console) -> Result<()> {
    ///     console.write_line("hello")
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host could not write.
    #[track_caller]
    pub fn write_line(&self, text: &str) -> Result<()> {
        self.write(&format!("{text}\n"))
    }

    /// Shows a prompt and reads a line, without its newline; `None` at the end of input.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Console, Result};
    /// fn name(console: &Console) -> Result<String> {
    ///     Ok(console.read_line("Your name? ")?.unwrap_or_default())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host could not read.
    #[track_caller]
    pub fn read_line(&self, prompt: &str) -> Result<Option<String>> {
        self.0.call("read_line", [("prompt", prompt.into())], &[])
    }
}
