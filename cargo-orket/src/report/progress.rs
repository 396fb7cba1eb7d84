//! A line that moves while something takes long: on a terminal, and nowhere else.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Gone without a trace when it is dropped.
#[must_use = "it ends when it is dropped"]
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn start(is_lively: bool, verb: &str, text: &str) -> Self {
        Self(is_lively.then(|| {
            let style = ProgressStyle::with_template("{prefix:>12.cyan.bold} {msg} {spinner}");
            let bar = ProgressBar::new_spinner().with_style(style.expect("the template is fixed"));
            let bar = bar.with_prefix(verb.to_owned()).with_message(text.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        }))
    }
}

impl Progress {
    /// Shows another text, where anything is shown.
    pub(crate) fn say(&self, text: impl FnOnce() -> String) {
        if let Some(bar) = &self.0 {
            bar.set_message(text());
        }
    }

    /// Does something that prints, above the line that moves.
    pub(crate) fn aside(&self, print: impl FnOnce()) {
        match &self.0 {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
