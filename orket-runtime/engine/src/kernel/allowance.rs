//! What a run may use up in all, whatever the number of its guests.

use crate::clock::Budget;
use crate::permissions::Policy;
use crate::sandbox::{Limit, Reached};
use orket_contract::issue::Issue;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// How many messages may come at once before their rate counts.
const BURST: u32 = 1000;

/// What a run may use up; each guest takes from what the guests before it have left.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// The limits that the workload has set itself.
    own: Vec<Limit>,
    wall_max: Duration,
    cpu_ms_max: u64,
    messages_max: u64,
    file_bytes_max: u64,
    wall_left: Cell<Duration>,
    cpu_ms: Cell<u64>,
    messages: Cell<u64>,
    /// How long one message takes at the highest rate.
    pace: Duration,
    /// When the messages so far would have come at that rate.
    paced: Cell<Instant>,
}

impl Allowance {
    /// Of a policy in which the workload itself has set the limits `own`.
    pub(crate) fn of(policy: &Policy, own: &[Limit]) -> Self {
        let wall_max = Duration::from_millis(policy.wall_ms_max);
        Self {
            own: own.to_vec(),
            wall_max,
            cpu_ms_max: policy.limits.cpu_ms,
            messages_max: policy.messages_max,
            file_bytes_max: policy.artifact_bytes_max,
            wall_left: Cell::new(wall_max),
            cpu_ms: Cell::new(0),
            messages: Cell::new(0),
            pace: Duration::from_secs(1)
                / u32::try_from(policy.messages_per_second).unwrap_or(u32::MAX).max(1),
            paced: Cell::new(Instant::now()),
        }
    }

    /// The time that the next guest has.
    pub(crate) fn wall(&self) -> Budget {
        Budget::of(self.wall_left.get())
    }

    /// The processor time that the next guest has; `None` when there is none left.
    pub(crate) fn cpu_ms(&self) -> Option<u64> {
        self.cpu_ms_max.checked_sub(self.cpu_ms.get()).filter(|left| *left > 0)
    }

    /// Takes off what a guest has used.
    pub(crate) fn used(&self, wall: &Budget, cpu_ms: u64) {
        self.wall_left.set(wall.left().unwrap_or_default());
        self.cpu_ms.set(self.cpu_ms.get().saturating_add(cpu_ms));
    }

    /// Counts one message, and waits where they come faster than they may.
    ///
    /// # Errors
    /// The limit, when there are too many.
    pub(crate) fn message(&self) -> Result<(), Reached> {
        let (max, value) = (self.messages_max, self.messages.get() + 1);
        self.messages.set(value);
        let ahead = self.ahead(Instant::now());
        if !ahead.is_zero() {
            std::thread::sleep(ahead);
        }
        if value > max { Err(Reached { limit: Limit::Messages, max, value }) } else { Ok(()) }
    }

    /// How much too early a message comes that comes now.
    fn ahead(&self, now: Instant) -> Duration {
        let paced = self.paced.get().max(now) + self.pace;
        self.paced.set(paced);
        paced.duration_since(now).saturating_sub(self.pace * BURST)
    }

    /// A limit, and what raises it.
    pub(crate) fn over(&self, reached: &Reached) -> Issue {
        let limit = reached.limit;
        let hint = if self.own.contains(&limit) {
            "the workload's own `budget` says so; nothing else raises it".to_owned()
        } else {
            format!("`{}` allows more", limit.flag())
        };
        Issue::error(limit.code(), reached.to_string()).with_hint(hint)
    }

    /// The limit as the operator knows it: a guest has what earlier ones left of its time, and one byte more for a file.
    pub(crate) fn whole(&self, reached: Reached) -> Reached {
        match reached.limit {
            Limit::CpuTime => {
                Reached { max: self.cpu_ms_max, value: reached.value + self.cpu_ms.get(), ..reached }
            }
            Limit::FileSize => {
                let max = self.file_bytes_max;
                Reached { max, value: max.saturating_add(1), ..reached }
            }
            _ => reached,
        }
    }

    /// The time of the run is over.
    pub(crate) fn late(&self, over: Duration) -> Reached {
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Reached { limit: Limit::WallTime, max: ms(self.wall_max), value: ms(self.wall_max + over) }
    }

    /// The processor time of the run is over before another guest has begun.
    pub(crate) fn spent(&self) -> Reached {
        Reached { limit: Limit::CpuTime, max: self.cpu_ms_max, value: self.cpu_ms.get() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_share_what_a_run_has() {
        let mut policy = Policy { messages_max: 2, ..Policy::default() };
        policy.limits.cpu_ms = 100;
        let run = Allowance::of(&policy, &[Limit::CpuTime]);
        assert!(run.over(&run.spent()).hint.is_some_and(|hint| hint.contains("`budget`")));
        run.used(&Budget::of(Duration::ZERO), 60);
        assert_eq!(run.cpu_ms(), Some(40));
        assert_eq!(run.wall().left(), None);
        let reached = run.whole(Reached { limit: Limit::CpuTime, max: 40, value: 41 });
        assert_eq!((reached.max, reached.value), (100, 101));
        run.used(&run.wall(), 40);
        assert_eq!(run.cpu_ms(), None);
        assert_eq!([run.message(), run.message()], [Ok(()), Ok(())]);
        let over = Reached { limit: Limit::Messages, max: 2, value: 3 };
        assert_eq!(run.message(), Err(over));
    }

    #[test]
    fn messages_wait_for_their_turn() {
        let run = Allowance::of(&Policy { messages_per_second: 1000, ..Policy::default() }, &[]);
        let now = Instant::now() + Duration::from_secs(1);
        assert!((0..BURST).all(|_| run.ahead(now).is_zero()));
        assert_eq!(run.ahead(now), Duration::from_millis(1));
        assert_eq!(run.ahead(now), Duration::from_millis(2));
        assert!(run.ahead(now + Duration::from_secs(2)).is_zero());
    }
}
