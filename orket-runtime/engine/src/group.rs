//! A process and what it starts, as one group that is ended together.

use std::process::Command;

/// Makes a process the first of a group of its own.
#[cfg(unix)]
pub(crate) fn own(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
pub(crate) fn own(_: &mut Command) {}

/// Kills the group of that process, which nobody has waited for yet: until then its number belongs to no other.
#[cfg(target_os = "linux")]
pub(crate) fn kill(id: u32) {
    if let Some(group) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended by itself.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

// Nothing that needs it runs elsewhere yet: the sandbox refuses first.
#[cfg(not(target_os = "linux"))]
pub(crate) fn kill(_: u32) {}
