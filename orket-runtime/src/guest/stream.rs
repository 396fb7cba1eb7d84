//! The guest's end of the stream, as the host left it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// A stream that the loop and the panic hook share.
///
/// Read and written with plain `read` and `write`: the sandbox allows no socket calls.
#[derive(Clone)]
pub(super) struct Stream(Arc<File>);

/// The stream at the agreed descriptor, or nothing when no host has put a socket there.
#[cfg(unix)]
pub(super) fn inherited() -> Option<Stream> {
    use orket_contract::protocol::GUEST_FD;
    use std::os::fd::{FromRawFd, IntoRawFd};
    use std::os::unix::fs::FileTypeExt;

    // SAFETY: nothing else in this program owns the descriptor: `main` comes here once, first of
    // all. Where it is closed or not a socket, ownership is given up again below, unused.
    #[allow(unsafe_code, reason = "an inherited descriptor is a bare number")]
    let file = unsafe { File::from_raw_fd(GUEST_FD) };
    let metadata = crate::ambient::unseen(|| file.metadata());
    let is_socket = metadata.is_ok_and(|metadata| metadata.file_type().is_socket());
    if is_socket {
        return Some(Stream(Arc::new(file)));
    }
    let _ = file.into_raw_fd();
    None
}

/// No host of this platform can start a guest yet.
#[cfg(not(unix))]
pub(super) fn inherited() -> Option<Stream> {
    None
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.as_ref().read(buffer)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_ref().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_ref().flush()
    }
}
