//! What differs between a person who watches and a pipe.

use crate::{answered, seen};
use orket_runtime::prelude::*;
use std::io::IsTerminal;

/// Whether somebody watches.
#[workload]
pub fn is_terminal(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen((std::io::stdin().is_terminal(), std::io::stdout().is_terminal(), std::io::stderr().is_terminal()))
}

/// Whether output is to be coloured, as most programs decide it.
#[workload]
pub fn colour_choice(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let set = |name| std::env::var_os(name).is_some();
    seen((set("NO_COLOR"), set("CLICOLOR_FORCE"), std::env::var("TERM").is_ok_and(|term| term != "dumb")))
}

/// How wide the terminal is.
#[workload]
pub fn terminal_width(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    let mut size = [0_u16; 4];
    // SAFETY: the place has the form of a `winsize`.
    let asked = answered(unsafe { libc::ioctl(2, libc::TIOCGWINSZ, size.as_mut_ptr()) });
    seen(asked.map_or(80, |_| size[1]))
}

/// The terminal that the process was started from, whatever it is connected to.
#[workload]
pub fn controlling_terminal(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    seen(std::fs::File::open("/dev/tty")?.is_terminal())
}
