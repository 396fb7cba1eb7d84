//! The host's own clock: for names and times that are kept apart from what is digested.

use std::time::{Duration, Instant, SystemTime};

/// The time as `2026-01-31T12:00:00Z`.
#[must_use]
pub(crate) fn stamp() -> String {
    humantime::format_rfc3339_seconds(now()).to_string()
}

/// The time.
#[must_use]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// A span of time that can be stopped, for waits that do not count.
#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Instant,
}

impl Budget {
    /// A budget that runs from now on.
    #[must_use]
    pub(crate) fn of(max: Duration) -> Self {
        Self { deadline: Instant::now() + max }
    }

    /// What is left; `None` when it is used up.
    #[must_use]
    pub(crate) fn left(&self) -> Option<Duration> {
        self.deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// How long ago it was used up.
    #[must_use]
    pub(crate) fn over(&self) -> Duration {
        Instant::now().saturating_duration_since(self.deadline)
    }

    /// Runs something whose time does not count.
    pub(crate) fn paused<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        let before = Instant::now();
        let value = wait();
        self.deadline += before.elapsed();
        value
    }
}
