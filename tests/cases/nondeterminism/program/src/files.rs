//! What a file system adds to the bytes of files, and files that every machine has its own of.

use crate::seen;
use orket_runtime::prelude::*;
use std::fs::{self, File, Metadata};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

const FOLDER: &str = "content/list";

fn names(ctx: &WorkloadContext) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(ctx.workspace_dir.join(FOLDER))?;
    Ok(entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?)
}

fn metadata(ctx: &WorkloadContext) -> Result<Metadata> {
    Ok(fs::metadata(ctx.workspace_dir.join(FOLDER).join("oak.txt"))?)
}

/// The order in which a folder lists its files.
#[workload(materials = ["content/list/*.txt"])]
pub fn listing_order(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(names(ctx)?.iter().filter_map(|path| path.file_stem()).collect::<Vec<_>>())
}

/// The number of a file.
#[workload(materials = ["content/list/*.txt"])]
pub fn inode(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(metadata(ctx)?.ino())
}

/// The number of the disk that it lies on.
#[workload(materials = ["content/list/*.txt"])]
pub fn device_number(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(metadata(ctx)?.dev())
}

/// How much of the disk it takes.
#[workload(materials = ["content/list/*.txt"])]
pub fn blocks(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    let file = metadata(ctx)?;
    seen((file.blocks(), file.blksize()))
}

/// When a material was changed.
#[workload(materials = ["content/list/*.txt"])]
pub fn mtime(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    let file = metadata(ctx)?;
    seen((file.mtime(), file.mtime_nsec()))
}

/// When it was read last, and when its metadata was changed.
#[workload(materials = ["content/list/*.txt"])]
pub fn access_time(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    let file = metadata(ctx)?;
    seen((file.atime(), file.atime_nsec(), file.ctime(), file.ctime_nsec()))
}

/// Which of several files was changed last.
#[workload(materials = ["content/list/*.txt"])]
pub fn newest_wins(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    let newest =
        names(ctx)?.into_iter().max_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).ok());
    seen(newest.as_deref().and_then(|path| path.file_stem()))
}

/// The whole path of a material.
#[workload(materials = ["content/list/*.txt"])]
pub fn real_path(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(fs::canonicalize(ctx.workspace_dir.join(FOLDER))?)
}

/// The number of an open file.
#[workload(materials = ["content/list/*.txt"])]
pub fn file_number(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(File::open(ctx.workspace_dir.join(FOLDER).join("oak.txt"))?.as_raw_fd())
}

/// Which files were handed down.
#[workload]
pub fn open_files(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    // SAFETY: a question about a number.
    seen((0..256).filter(|file| unsafe { libc::fcntl(*file, libc::F_GETFD) } >= 0).collect::<Vec<i32>>())
}

/// When the program was built.
#[workload]
pub fn exe_mtime(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(fs::metadata(std::env::current_exe()?)?.modified()?)
}

/// The users of the machine.
#[workload]
pub fn etc_passwd(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(fs::read_to_string("/etc/passwd")?.len())
}

/// The names that the machine knows.
#[workload]
pub fn etc_hosts(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(fs::read_to_string("/etc/hosts")?)
}

/// What is mounted.
#[workload]
pub fn mounts(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(fs::read_to_string("/proc/self/mountinfo")?.lines().count())
}
