//! What depends on the keys that a hasher draws.

use crate::seen;
use orket_runtime::prelude::*;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

fn numbers() -> HashMap<u32, f64> {
    (0..48).map(|n| (n, 0.1 + f64::from(n) * 1.7e-3)).collect()
}

/// The order in which a map gives its keys.
#[workload]
pub fn map_order(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(numbers().keys().collect::<Vec<_>>())
}

/// Which of two elements a set gives first.
#[workload]
pub fn set_of_two(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(HashSet::from(["heads", "tails"]).iter().next())
}

/// The order in which `retain` visits a set.
#[workload]
pub fn retain_order(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let (mut set, mut visited): (HashSet<u32>, Vec<u32>) = ((0..32).collect(), Vec::new());
    set.retain(|n| {
        visited.push(*n);
        n % 2 == 0
    });
    seen(visited)
}

/// A sum of fractions in the order of a map: addition rounds, so the order counts.
#[workload]
pub fn map_float_sum(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(numbers().values().map(|n| 1.0 / n).sum::<f64>().to_bits())
}

/// Which of several equal minima is found first.
#[workload]
pub fn map_tie(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(numbers().keys().min_by_key(|n| *n % 8))
}

/// The hash of a constant.
#[workload]
pub fn random_state(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(RandomState::new().hash_one(7))
}

/// Sorting by a key that is another one each time it is asked for.
#[workload]
pub fn inconsistent_order(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let (keys, mut items): (RandomState, Vec<u32>) = (RandomState::new(), (0..16).collect());
    items.sort_unstable_by_key(|n| keys.hash_one(n) % 4);
    seen(items)
}
