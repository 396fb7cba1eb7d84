//! What the kernel under this process is and offers. It asks and changes nothing.

use super::super::Machine;
use super::kernel;
use rustix::process::{PidfdFlags, getpid, pidfd_open};
use std::path::Path;

/// Asks the kernel.
#[must_use]
pub fn machine() -> Option<Machine> {
    Some(Machine {
        release: rustix::system::uname().release().to_string_lossy().into_owned(),
        architecture: std::env::consts::ARCH,
        landlock: kernel::landlock_version().ok(),
        seccomp: kernel::has_filter().is_ok(),
        write_xor_execute: kernel::has_refuse_exec_gain().is_ok(),
        pidfd: pidfd_open(getpid(), PidfdFlags::empty()).is_ok(),
        user_namespaces: user_namespaces(),
    })
}

/// As the kernel's settings say, where it has them.
pub(super) fn user_namespaces() -> Option<bool> {
    let setting = |path: &str| {
        let text = std::fs::read_to_string(Path::new("/proc/sys").join(path)).ok()?;
        text.trim().parse::<u64>().ok()
    };
    let most = setting("user/max_user_namespaces")?;
    let forbidden = setting("kernel/unprivileged_userns_clone") == Some(0)
        || setting("kernel/apparmor_restrict_unprivileged_userns") == Some(1);
    Some(most > 0 && !forbidden)
}
