//! Waiting awake: a guest on another processor often calls sooner than this thread could be put to sleep and woken.
//!
//! Where that does not pay, because both share a processor or the guest works long between its calls, it is soon tried seldom.

use std::time::{Duration, Instant};

/// How long a wait is awake: about what a sleep and a wake-up take.
const SPAN: Duration = Duration::from_micros(60);
/// After so many failures in a row, two to this power of waits are asleep before the next try.
const FAILURES_MAX: u32 = 10;
/// A conversation begins as if so many had failed: a short one never comes to a try.
const FAILURES: u32 = 4;

/// Whether waiting awake has paid of late.
#[derive(Debug)]
pub(super) struct Eager {
    failures: u32,
    asleep: u32,
}

impl Default for Eager {
    fn default() -> Self {
        Self { failures: FAILURES, asleep: 1 << FAILURES }
    }
}

impl Eager {
    /// Looks again and again for a moment, if that may pay.
    pub(super) fn wait<T>(&mut self, mut look: impl FnMut() -> Option<T>) -> Option<T> {
        if self.asleep > 0 {
            self.asleep -= 1;
            return None;
        }
        let until = Instant::now() + SPAN;
        loop {
            let found = look();
            if found.is_some() {
                self.failures = 0;
                return found;
            }
            if Instant::now() >= until {
                break;
            }
            std::hint::spin_loop();
        }
        self.failures = (self.failures + 1).min(FAILURES_MAX);
        self.asleep = 1 << self.failures;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_pay_is_tried_seldom_and_what_pays_always() {
        let (mut eager, mut tries) = (Eager::default(), 0);
        for _ in 0..10_000 {
            let mut tried = false;
            let found: Option<()> = eager.wait(|| {
                tried = true;
                None
            });
            assert_eq!(found, None);
            tries += u32::from(tried);
        }
        assert!((1..20).contains(&tries), "{tries}");
        let found = (0..5000).filter(|_| eager.wait(|| Some(())).is_some()).count();
        assert!(found > 3900, "{found}");
        assert_eq!(eager.wait(|| Some(7)), Some(7));
    }
}
