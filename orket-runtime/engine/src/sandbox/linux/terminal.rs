//! What takes a guest's output: a pipe, or a terminal of its own.

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::io;
use std::os::fd::OwnedFd;

/// The host's end, and the guest's.
pub(super) fn output(columns: Option<u16>) -> io::Result<(OwnedFd, OwnedFd)> {
    let Some(columns) = columns else {
        let (host, guest) = io::pipe()?;
        return Ok((host.into(), guest.into()));
    };
    let host = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&host)?;
    unlockpt(&host)?;
    let name = ptsname(&host, Vec::new())?;
    let guest = open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    tcsetwinsize(&guest, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })?;
    Ok((host, guest))
}
