//! The `screen.render` capability.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::handle::Handle;
use crate::result::Result;

/// A box with text.
///
/// ```
/// use orket_runtime::capabilities::Panel;
/// let map = Panel::new("Map", "you are here").width(30);
/// assert_eq!(map.width, 30);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// What stands in its upper edge.
    pub title: String,
    /// What stands in it; long lines are wrapped at spaces.
    pub content: String,
    /// Its width in columns, edges included: 4 to 80.
    pub width: u16,
}

impl Panel {
    /// A panel as wide as the screen.
    ///
    /// ```
    /// use orket_runtime::capabilities::Panel;
    /// assert_eq!(Panel::new("Log", "…").width, 80);
    /// ```
    #[must_use]
    pub fn new(title: impl Into<String>, content: impl Into<String>) -> Self {
        Self { title: title.into(), content: content.into(), width: 80 }
    }

    /// The same panel with another width.
    ///
    /// ```
    /// use orket_runtime::capabilities::Panel;
    /// let (left, right) = (Panel::new("a", "").width(40), Panel::new("b", "").width(40));
    /// ```
    #[must_use]
    pub fn width(mut self, columns: u16) -> Self {
        self.width = columns;
        self
    }
}

/// How large a screen is.
///
/// ```
/// # use orket_runtime::{capabilities::Screen, Result};
/// fn half(screen: &Screen) -> Result<u16> {
///     Ok(screen.size()?.columns / 2)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ScreenSize {
    /// Characters side by side.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

/// A screen of panels: 80 by 24 in every run, whatever shows it, so that equal runs are equal.
///
/// Operations: `render {panels: [{title, content, width}]}` → null; `clear {}` → null; `size {}` →
/// `{columns, rows}`.
///
/// ```
/// use orket_runtime::{capabilities::Panel, prelude::*};
/// fn draw(ctx: &mut WorkloadContext) -> Result<()> {
///     let screen = ctx.capabilities.screen()?;
///     screen.clear()?;
///     screen.render(&[Panel::new("Map", "door").width(40), Panel::new("Bag", "a lamp").width(40)])
/// }
/// ```
#[derive(Clone)]
pub struct Screen(Handle);

impl Screen {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// Shows panels, side by side as long as they fit, else below each other.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{Panel, Screen}, Result};
    /// fn tell(screen: &Screen, text: &str) -> Result<()> {
    ///     screen.render(&[Panel::new("", text)])
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` for more than 64 panels, a width out of range, or a text above 64 KiB.
    #[track_caller]
    pub fn render(&self, panels: &[Panel]) -> Result<()> {
        let panels = panels.iter().map(|panel| {
            serde_json::json!({ "title": panel.title, "content": panel.content, "width": panel.width })
        });
        self.0.call("render", [("panels", panels.collect::<Value>())], &[])
    }

    /// Shows nothing.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Screen, Result};
    /// fn blank(screen: &Screen) -> Result<()> {
    ///     screen.clear()
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host's answer cannot be read.
    #[track_caller]
    pub fn clear(&self) -> Result<()> {
        self.0.call("clear", [], &[])
    }

    /// How large it is.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Screen, Result};
    /// fn is_wide(screen: &Screen) -> Result<bool> {
    ///     Ok(screen.size()?.columns >= 80)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host's answer cannot be read.
    #[track_caller]
    pub fn size(&self) -> Result<ScreenSize> {
        self.0.call("size", [], &[])
    }
}
