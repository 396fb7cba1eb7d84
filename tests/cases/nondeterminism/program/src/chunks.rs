//! In what pieces input comes, and what it comes from.

use crate::{answered, seen};
use orket_runtime::prelude::*;
use std::io::{Read, stdin};
use std::mem::zeroed;

/// The sizes of the pieces that are read.
#[workload]
pub fn input_chunks(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let (mut sizes, mut buffer) = (Vec::new(), [0_u8; 4096]);
    while sizes.len() < 64 {
        match stdin().lock().read(&mut buffer)? {
            0 => break,
            size => sizes.push(size),
        }
    }
    seen(sizes)
}

/// A single read, as if it gave all there is.
#[workload]
pub fn input_first_read(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut buffer = [0_u8; 4096];
    // SAFETY: as many bytes as there are.
    seen(answered(unsafe { libc::read(0, buffer.as_mut_ptr().cast(), buffer.len()) })?)
}

fn kind(file: i32) -> Result<u32> {
    // SAFETY: numbers alone, for which zero is a value.
    let mut status: libc::stat = unsafe { zeroed() };
    // SAFETY: the place is large enough.
    answered(unsafe { libc::fstat(file, &raw mut status) })?;
    Ok(status.st_mode & libc::S_IFMT)
}

/// Whether input comes from a file, a pipe or a device.
#[workload]
pub fn input_kind(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(kind(0)?)
}

/// Where output goes.
#[workload]
pub fn output_kind(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen((kind(1)?, kind(2)?))
}
