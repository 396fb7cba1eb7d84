//! What an earlier run has left behind.

use crate::{answered, seen};
use orket_runtime::prelude::*;
use std::path::Path;

fn count(path: &Path) -> Result<WorkloadResult> {
    let before = std::fs::read_to_string(path).ok().and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    std::fs::write(path, (before + 1).to_string())?;
    seen(before)
}

/// A file among the temporary ones.
#[workload]
pub fn leftover_file(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    count(&std::env::temp_dir().join("orket-corpus-count"))
}

/// A file in the folder that the program works in.
#[workload]
pub fn leftover_here(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    count(Path::new("count"))
}

/// Memory that is shared by name.
#[workload]
pub fn leftover_shared(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let (key, mode) = (0x0c0_4b5, 0o600 | libc::IPC_CREAT);
    // SAFETY: a segment is made or found, and the first number in it is counted up.
    let before = unsafe {
        let segment = i32::try_from(answered(libc::shmget(key, 8, mode))?)?;
        let place = libc::shmat(segment, std::ptr::null(), 0).cast::<u64>();
        answered(place as i64)?;
        place.write_volatile(place.read_volatile() + 1);
        place.read_volatile()
    };
    seen(before)
}
