//! How much of a processor a guest uses, as data: when to stop it, and when to let it go on.
//!
//! It steers by the guest's own processor clock, so a look that comes late is made up for by a longer stop: the rate holds over
//! time, whatever the machine does. Unused time is not saved up, beyond a little that evens out the looks.

use std::time::Duration;

/// How long a stop and a run are together, about.
const PERIOD: Duration = Duration::from_millis(8);
/// What a guest that did not use its time may make up for.
const SAVED_MAX: Duration = Duration::from_millis(20);

/// What has to be done with a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Stop,
    Continue,
}

/// One guest's account of processor time, in nanoseconds.
#[derive(Debug)]
pub(super) struct Throttle {
    percent: i64,
    cores: i64,
    /// What it may still use at once; negative while it has used too much.
    balance: i64,
    stopped: bool,
}

impl Throttle {
    /// A rate in percent of one processor, for a guest that can use so many; none where it cannot be exceeded.
    pub(super) fn new(percent: Option<u64>, cores: u32) -> Option<Self> {
        let percent = percent.filter(|percent| *percent < u64::from(cores) * 100)?;
        let percent = i64::try_from(percent).unwrap_or(i64::MAX);
        Some(Throttle { percent, cores: cores.into(), balance: 0, stopped: false })
    }

    /// Whether the guest is stopped.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Takes what passed on the clock and what the guest used of it; says what to do, and when to look again.
    pub(super) fn look(&mut self, passed: Duration, used: Duration) -> (Option<Step>, Duration) {
        self.balance = self.balance.saturating_add(self.share(passed)).saturating_sub(nanos(used));
        let step = if self.stopped {
            (self.balance >= self.share(PERIOD) / 2).then_some(Step::Continue)
        } else {
            self.balance = self.balance.min(self.share(SAVED_MAX));
            (self.balance <= 0).then_some(Step::Stop)
        };
        self.stopped = step.map_or(self.stopped, |step| step == Step::Stop);
        (step, self.next())
    }

    /// When the balance can be where the next step is, at the earliest.
    fn next(&self) -> Duration {
        let wait = if self.stopped {
            (self.share(PERIOD) / 2).saturating_sub(self.balance).saturating_mul(100) / self.percent
        } else {
            self.balance.saturating_mul(100) / (self.cores * 100 - self.percent)
        };
        Duration::from_nanos(u64::try_from(wait).unwrap_or_default())
    }

    fn share(&self, of: Duration) -> i64 {
        (nanos(of) / 100).saturating_mul(self.percent)
    }
}

fn nanos(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a guest uses of ten seconds that wants all it can get, when looks come up to so much too late.
    fn used_percent(percent: u64, cores: u32, late: &[Duration]) -> f64 {
        let mut throttle = Throttle::new(Some(percent), cores).expect("a rate");
        let (mut clock, mut total) = (Duration::ZERO, Duration::ZERO);
        let (mut passed, mut used) = (Duration::ZERO, Duration::ZERO);
        for late in late.iter().cycle() {
            let (_, next) = throttle.look(passed, used);
            passed = next.max(Duration::from_millis(1)) + *late;
            used = if throttle.is_stopped() { Duration::ZERO } else { passed * cores };
            (clock, total) = (clock + passed, total + used);
            if clock >= Duration::from_secs(10) {
                break;
            }
        }
        total.as_secs_f64() / clock.as_secs_f64() * 100.0
    }

    proptest! {
        #[test]
        fn the_rate_holds_however_late_the_looks_come(
            percent in 5u64..100,
            cores in 1u32..4,
            late in prop::collection::vec(0u64..5_000, 1..20),
        ) {
            let late: Vec<_> = late.into_iter().map(Duration::from_micros).collect();
            let used = used_percent(percent, cores, &late);
            let wanted = percent as f64;
            prop_assert!((used - wanted).abs() <= wanted * 0.05, "{used} instead of {wanted}");
        }
    }

    #[test]
    fn what_cannot_be_exceeded_is_not_throttled() {
        assert!(Throttle::new(None, 4).is_none());
        assert!(Throttle::new(Some(100), 1).is_none());
        assert!(Throttle::new(Some(100), 2).is_some());
    }

    #[test]
    fn idle_time_is_not_saved_up() {
        let mut throttle = Throttle::new(Some(10), 1).expect("a rate");
        throttle.look(Duration::from_secs(3600), Duration::ZERO);
        let (step, _) = throttle.look(Duration::from_millis(3), Duration::from_millis(3));
        assert_eq!(step, Some(Step::Stop));
    }
}
