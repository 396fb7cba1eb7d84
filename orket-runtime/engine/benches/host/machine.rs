//! The machine that is measured on: its cores, its load, and where this process runs.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde_json::{Value, json};
use std::fs;

/// The cores that this process may run on, lowest first.
pub(crate) fn cores() -> Vec<usize> {
    let allowed = sched_getaffinity(None).unwrap_or_default();
    (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect()
}

/// Keeps this thread, and what it starts from now on, on one core; whether that worked.
pub(crate) fn pin(core: usize) -> bool {
    let mut only = CpuSet::new();
    only.set(core);
    sched_setaffinity(None, &only).is_ok()
}

/// What the numbers were measured on.
pub(crate) fn facts(cores: &[usize]) -> Value {
    let read = |path| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    json!({ "cores": cores, "kernel": read("/proc/sys/kernel/osrelease") })
}

/// How many processes wanted to run within the last minute, this one included: above 1 the numbers say little.
pub(crate) fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(f64::NAN)
}
