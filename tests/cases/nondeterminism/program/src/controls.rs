//! What repeats everywhere, and of which nobody may say that it does not.

use crate::seen;
use orket_runtime::prelude::*;
use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// The order of a map that sorts its keys.
#[workload]
pub fn ctl_sorted_map(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen((0..32_u32).map(|n| (n * 7 % 32, n)).collect::<BTreeMap<_, _>>())
}

/// A map whose order nobody sees.
#[workload]
pub fn ctl_lookup_only(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let map: HashMap<u32, u32> = (0..64).map(|n| (n, n * n)).collect();
    seen((map.len(), map.get(&9), map.values().sum::<u32>()))
}

/// A hasher with keys that never change.
#[workload]
pub fn ctl_fixed_hasher(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut hasher = DefaultHasher::new();
    "the same".hash(&mut hasher);
    seen(hasher.finish())
}

/// A folder that is sorted after it was listed.
#[workload(materials = ["content/list/*.txt"])]
pub fn ctl_sorted_listing(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    let entries = std::fs::read_dir(ctx.workspace_dir.join("content/list"))?;
    let mut names: Vec<_> = entries.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>()?;
    names.sort();
    seen(names)
}

/// All of a file, in however many pieces it comes.
#[workload(materials = ["content/list/*.txt"])]
pub fn ctl_read_to_end(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::read_to_string(ctx.workspace_dir.join("content/list/oak.txt"))?)
}

/// Random numbers from the seed.
#[workload]
pub fn ctl_seeded_numbers(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut stream = ctx.capabilities.rng()?.stream("numbers")?;
    seen(std::array::from_fn::<u64, 8, _>(|_| stream.next_u64()))
}

/// Time that passes only when it is asked for.
#[workload]
pub fn ctl_virtual_clock(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    let clock = ctx.capabilities.clock()?;
    clock.sleep(Duration::from_millis(3))?;
    seen(clock.monotonic()?)
}

/// A value that the host keeps.
#[workload]
pub fn ctl_kv(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    let kv = ctx.capabilities.kv()?;
    seen(kv.put("corpus", "count", &json!(1), None)?)
}

/// A sum of fractions in a fixed order.
#[workload]
pub fn ctl_fixed_fold(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen((1..500_u32).map(|n| 1.0 / f64::from(n)).sum::<f64>().to_bits())
}

/// Fractions as text.
#[workload]
pub fn ctl_float_text(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen([0.1 + 0.2, 1.0 / 3.0, 1e300 * 1e10, -0.0, f64::MIN_POSITIVE])
}

/// A sort that keeps the order of equals.
#[workload]
pub fn ctl_stable_sort(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut items: Vec<u32> = (0..64).map(|n| n * 37 % 64).collect();
    items.sort_by_key(|n| n % 4);
    seen(items)
}

/// A sort that does not, and does so in the same way each time.
#[workload]
pub fn ctl_unstable_sort(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut items: Vec<u32> = (0..64).map(|n| n * 37 % 64).collect();
    items.sort_unstable_by_key(|n| n % 4);
    seen(items)
}

/// What the compiler calls types, in one build.
#[workload]
pub fn ctl_type_ids(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen((TypeId::of::<String>(), TypeId::of::<u8>() < TypeId::of::<u16>(), std::any::type_name::<Vec<u8>>()))
}

/// What errors are called.
#[workload]
pub fn ctl_static_text(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen((std::io::Error::from_raw_os_error(2).to_string(), line!(), module_path!()))
}
