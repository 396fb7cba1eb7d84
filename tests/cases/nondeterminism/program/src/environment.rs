//! What the caller of a program hands down: variables, arguments, folders, modes.

use crate::{seen, text};
use orket_runtime::prelude::*;
use std::env;
use std::os::unix::fs::PermissionsExt;

/// The home of the user, as most programs find it.
#[workload]
pub fn home(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::var("HOME").ok())
}

/// Who the user is, as most programs find it.
#[workload]
pub fn user_name(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::var("USER").or_else(|_| env::var("LOGNAME")).ok())
}

/// How many variables there are.
#[workload]
pub fn env_count(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::vars_os().count())
}

/// The order in which they come.
#[workload]
pub fn env_order(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::vars_os().map(|(name, _)| name).collect::<Vec<_>>())
}

/// Where programs are looked for.
#[workload]
pub fn path_list(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::var_os("PATH").map(|path| env::split_paths(&path).count()))
}

/// How wide the terminal is, as a shell says it.
#[workload]
pub fn columns(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::var("COLUMNS").ok())
}

/// Whether errors are to have a backtrace.
#[workload]
pub fn backtrace_wanted(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::backtrace::Backtrace::capture().status())
}

/// The locale that the surroundings ask for.
#[workload]
pub fn locale_name(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let asked = ["LC_ALL", "LC_NUMERIC", "LANG"].into_iter().find_map(|name| env::var(name).ok());
    // SAFETY: a string that ends.
    seen((asked, text(unsafe { libc::setlocale(libc::LC_ALL, c"".as_ptr()) })))
}

/// Where temporary files go.
#[workload]
pub fn temp_folder(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::temp_dir())
}

/// The folder that the program was started in.
#[workload]
pub fn current_folder(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::current_dir()?)
}

/// Where the program lies.
#[workload]
pub fn exe_path(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::current_exe()?)
}

/// How the program was called.
#[workload]
pub fn arguments(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(env::args_os().collect::<Vec<_>>())
}

/// The mode of a new file.
#[workload]
pub fn umask_mode(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    std::fs::write("artifacts/mode", "")?;
    let mode = std::fs::metadata("artifacts/mode")?.permissions().mode();
    std::fs::remove_file("artifacts/mode")?;
    seen(format!("{mode:o}"))
}
