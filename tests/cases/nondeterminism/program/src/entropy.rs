//! What draws random bytes, by every way to them that there is.

use crate::{answered, seen};
use orket_runtime::prelude::*;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;

/// The function of libc that `rand`, `uuid` and the hashers of std end up in.
#[workload]
pub fn getrandom_bytes(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut bytes = [0_u8; 16];
    // SAFETY: as many bytes as there are.
    answered(unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) })?;
    seen(bytes)
}

/// The older name for it.
#[workload]
pub fn entropy_bytes(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut bytes = [0_u8; 16];
    // SAFETY: as many bytes as there are.
    answered(unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), bytes.len()) })?;
    seen(bytes)
}

/// By the number of the system call through libc, as `rand` 0.8 does it.
#[workload]
pub fn getrandom_by_number(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut bytes = [0_u8; 16];
    // SAFETY: as many bytes as there are.
    answered(unsafe { libc::syscall(libc::SYS_getrandom, bytes.as_mut_ptr(), bytes.len(), 0) })?;
    seen(bytes)
}

/// By an instruction of its own, past libc.
#[workload]
pub fn raw_getrandom(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut bytes = [0_u8; 16];
    crate::machine::system_call(libc::SYS_getrandom, [bytes.as_mut_ptr() as usize, bytes.len(), 0])?;
    seen(bytes)
}

/// From the device.
#[workload]
pub fn device_random(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    seen(bytes)
}

/// The random bytes that the kernel puts beside the arguments of every program.
#[workload]
pub fn aux_random(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: no argument of it can be wrong.
    let place = unsafe { libc::getauxval(libc::AT_RANDOM) } as *const [u8; 16];
    // SAFETY: where the entry is, it leads to 16 bytes.
    seen((!place.is_null()).then(|| unsafe { *place }))
}

/// An identifier that the kernel makes up.
#[workload]
pub fn uuid_file(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::read_to_string("/proc/sys/kernel/random/uuid")?)
}

/// A name that libc makes up for a temporary file: it asks the kernel by itself.
#[workload]
pub fn mkstemp_name(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut name = *b"artifacts/XXXXXX\0";
    // SAFETY: a string that ends, and that may be changed.
    let file = answered(unsafe { libc::mkstemp(name.as_mut_ptr().cast()) })?;
    let name = String::from_utf8_lossy(&name).trim_end_matches('\0').to_owned();
    std::fs::remove_file(&name)?;
    // SAFETY: nobody else has it.
    answered(unsafe { libc::close(i32::try_from(file)?) })?;
    seen(name)
}

/// One bit.
#[workload]
pub fn coin(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(if RandomState::new().hash_one(0) & 1 == 0 { "heads" } else { "tails" })
}

/// Something that happens once in a hundred runs.
#[workload]
pub fn rare_event(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(RandomState::new().hash_one(0).is_multiple_of(100))
}
