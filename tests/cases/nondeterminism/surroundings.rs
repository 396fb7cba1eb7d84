//! Where governed runs are made: as usual, with everything changed, and with half of it in many ways.

use crate::change::Change;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is not as usual.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Surroundings(pub(crate) Vec<Change>);

impl Surroundings {
    /// So many that differ from each other: nothing is changed, everything, then about half.
    pub(crate) fn several(count: u64) -> Vec<Self> {
        let some = |at: u64| match at {
            0 => 0,
            1 => u64::MAX,
            _ => mixed(at),
        };
        let chosen = |bits: u64| {
            let all = Change::ALL.into_iter().enumerate();
            Self(all.filter(|(at, _)| bits >> at & 1 == 1).map(|(_, change)| change).collect())
        };
        (0..count).map(|at| chosen(some(at))).collect()
    }

    pub(crate) fn has(&self, change: Change) -> bool {
        self.0.contains(&change)
    }
}

impl fmt::Display for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("as usual"),
            changes if changes.len() == Change::ALL.len() => f.write_str("everything changed"),
            changes => write!(f, "changed {changes:?}"),
        }
    }
}

/// Bits that have little to do with each other (the finisher of splitmix64).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}
