//! The `clock` capability: virtual time, which passes only when a workload makes it pass.

use std::fmt;
use std::time::Duration;

use super::handle::Handle;
use crate::result::Result;

/// Virtual time. Equal runs see equal times.
///
/// Operations: `now {}` → nanoseconds since the Unix epoch, as a decimal string; `monotonic {}` →
/// nanoseconds since the start, as a decimal string; `sleep {ns: decimal string}` → null.
///
/// ```
/// use orket_runtime::prelude::*;
/// use std::time::Duration;
/// fn pause(ctx: &mut WorkloadContext) -> Result<()> {
///     ctx.capabilities.clock()?.sleep(Duration::from_millis(300))
/// }
/// ```
#[derive(Clone)]
pub struct Clock(Handle);

impl Clock {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// The virtual date and time.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Clock, Result};
    /// fn stamp(clock: &Clock) -> Result<String> {
    ///     Ok(clock.now()?.to_string()) // such as 2000-01-01T00:00:00Z
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host's answer cannot be read.
    #[track_caller]
    pub fn now(&self) -> Result<Timestamp> {
        self.nanoseconds("now").map(|time| Timestamp { since_epoch: time })
    }

    /// The virtual time since the start of the run.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Clock, Result};
    /// fn late(clock: &Clock) -> Result<bool> {
    ///     Ok(clock.monotonic()?.as_secs() > 60)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host's answer cannot be read.
    #[track_caller]
    pub fn monotonic(&self) -> Result<Duration> {
        self.nanoseconds("monotonic")
    }

    /// Lets virtual time pass; the host decides whether a person has to wait for it.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Clock, Result};
    /// # use std::time::Duration;
    /// fn pause(clock: &Clock) -> Result<()> {
    ///     clock.sleep(Duration::from_secs(1))
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` when the duration is longer than the host's clock can count.
    #[track_caller]
    pub fn sleep(&self, duration: Duration) -> Result<()> {
        self.0.call("sleep", [("ns", duration.as_nanos().to_string().into())], &[])
    }

    #[track_caller]
    fn nanoseconds(&self, op: &str) -> Result<Duration> {
        let text: String = self.0.call(op, [], &[])?;
        text.parse().map(Duration::from_nanos).map_err(|error| self.0.odd(op, &error))
    }
}

/// A point in virtual time; shown as RFC 3339 in UTC.
///
/// ```
/// use orket_runtime::capabilities::Timestamp;
/// use std::time::Duration;
/// let time = Timestamp::after_epoch(Duration::from_millis(951_782_400_250));
/// assert_eq!(time.to_string(), "2000-02-29T00:00:00.250Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    since_epoch: Duration,
}

impl Timestamp {
    /// The point that far after the Unix epoch.
    ///
    /// ```
    /// # use orket_runtime::capabilities::Timestamp;
    /// let epoch = Timestamp::after_epoch(std::time::Duration::ZERO);
    /// assert_eq!(epoch.to_string(), "1970-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub fn after_epoch(since_epoch: Duration) -> Self {
        Self { since_epoch }
    }

    /// The time since the Unix epoch.
    ///
    /// ```
    /// # use orket_runtime::capabilities::Timestamp;
    /// # use std::time::Duration;
    /// assert_eq!(Timestamp::after_epoch(Duration::from_secs(5)).since_epoch().as_secs(), 5);
    /// ```
    #[must_use]
    pub fn since_epoch(self) -> Duration {
        self.since_epoch
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.since_epoch.as_secs();
        let (year, month, day) = date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.since_epoch.subsec_nanos() {
            0 => {}
            nanos if nanos % 1_000_000 == 0 => write!(f, ".{:03}", nanos / 1_000_000)?,
            nanos => write!(f, ".{nanos:09}")?,
        }
        f.write_str("Z")
    }
}

/// The date that many days after 1970-01-01, in the proleptic Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    // Years are counted from March, so that the leap day is the last of its year; 719,468 days lie
    // between 0000-03-01 and 1970-01-01.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(days: u64, expected: (u64, u64, u64)) {
        assert_eq!(date(days), expected, "day {days}");
    }

    #[test]
    fn dates_follow_the_gregorian_calendar() {
        check(0, (1970, 1, 1));
        check(58, (1970, 2, 28));
        check(59, (1970, 3, 1));
        check(11_016, (2000, 2, 29));
        check(11_017, (2000, 3, 1));
        check(19_722, (2023, 12, 31));
        check(47_540, (2100, 2, 28));
        check(47_541, (2100, 3, 1));
    }

    #[test]
    fn fractions_are_shown_as_far_as_needed() {
        let shown = |nanos| Timestamp::after_epoch(Duration::from_nanos(nanos)).to_string();
        assert_eq!(shown(0), "1970-01-01T00:00:00Z");
        assert_eq!(shown(1), "1970-01-01T00:00:00.000000001Z");
        assert_eq!(shown(86_399_250_000_000), "1970-01-01T23:59:59.250Z");
    }
}
