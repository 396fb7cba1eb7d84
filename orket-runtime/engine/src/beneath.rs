//! Opening a file below a folder without following any link on the way, and without waiting for it.

use std::fs::File;
use std::io;
use std::path::Path;

/// Why a file was not opened.
pub(crate) enum Fault {
    /// It is reached through a link, or is one.
    Linked,
    /// It is something that cannot be read like a file.
    Special,
    /// The system says why.
    Refused(io::Error),
}

/// Opens a file for reading; what it is must still be looked at.
#[cfg(target_os = "linux")]
pub(crate) fn open(folder: &Path, path: &str) -> Result<File, Fault> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
    use rustix::io::Errno;
    let root =
        rustix::fs::openat(CWD, folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| Fault::Refused(error.into()))?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(&root, path, flags, Mode::empty(), resolve) {
        Ok(file) => Ok(file.into()),
        Err(Errno::LOOP) => Err(Fault::Linked),
        Err(Errno::NXIO | Errno::OPNOTSUPP) => Err(Fault::Special),
        Err(error) => Err(Fault::Refused(error.into())),
    }
}

/// Opens a file for reading, as carefully as the platform can; what it is must still be looked at.
#[cfg(not(target_os = "linux"))]
pub(crate) fn open(folder: &Path, path: &str) -> Result<File, Fault> {
    let mut at = folder.to_path_buf();
    for segment in path.split('/') {
        at.push(segment);
        if std::fs::symlink_metadata(&at).map_err(Fault::Refused)?.is_symlink() {
            return Err(Fault::Linked);
        }
    }
    File::open(&at).map_err(Fault::Refused)
}
