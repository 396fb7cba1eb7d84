//! What another processor or another locale calculates and orders differently.

use crate::{answered, seen, text};
use orket_runtime::prelude::*;

/// Functions of the mathematical library, of which there is a version for each generation of processors.
#[workload]
pub fn math_functions(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let value = |n: u32| {
        let x = f64::from(n) * 0.073 + 0.011;
        [x.sin(), x.exp(), x.tan(), x.powf(1.7), x.ln(), x.atan()]
    };
    let all = (0..4000).flat_map(value);
    seen(all.fold(0_u64, |sum, value| sum.rotate_left(9) ^ value.to_bits()))
}

/// What the processor can do, as it says itself.
#[workload]
pub fn cpu_features(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    #[cfg(target_arch = "x86_64")]
    let features = (
        is_x86_feature_detected!("avx2"),
        is_x86_feature_detected!("avx512f"),
        is_x86_feature_detected!("fma"),
    );
    #[cfg(target_arch = "aarch64")]
    let features =
        (std::arch::is_aarch64_feature_detected!("sve"), std::arch::is_aarch64_feature_detected!("lse"));
    seen(features)
}

/// What it is called.
#[workload]
pub fn cpu_brand(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    #[cfg(target_arch = "x86_64")]
    return seen([0x8000_0002, 0x8000_0003, 0x8000_0004].map(std::arch::x86_64::__cpuid));
    #[cfg(target_arch = "aarch64")]
    return seen(std::fs::read_to_string("/proc/cpuinfo")?);
}

/// How many cycles it has counted.
#[workload]
pub fn cycles(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a counter.
    let count = unsafe { std::arch::x86_64::_rdtsc() };
    #[cfg(target_arch = "aarch64")]
    let count: u64;
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a counter.
    unsafe {
        std::arch::asm!("mrs {}, cntvct_el0", out(reg) count);
    }
    seen(count)
}

/// The order of words in the language of the surroundings.
#[workload]
pub fn collation(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: strings that end.
    let (locale, order) = unsafe {
        let locale = text(libc::setlocale(libc::LC_COLLATE, c"".as_ptr()));
        (locale, answered(libc::strcoll(c"a B".as_ptr(), c"A b".as_ptr()).signum()).is_ok())
    };
    seen((locale, order))
}
