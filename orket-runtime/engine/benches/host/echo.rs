//! Two processes that send each other bytes over a socket pair: the least that a call can cost.

use crate::measure::{Result, Samples, timed};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

/// The bytes of each message.
pub(crate) const BYTES: usize = 300;

/// Another process that sends back what it gets.
pub(crate) struct Echo {
    process: Child,
    socket: UnixStream,
}

impl Echo {
    /// Starts it on the cores of this thread.
    pub(crate) fn start() -> Result<Self> {
        let (socket, other) = UnixStream::pair()?;
        let mut command = Command::new(std::env::current_exe()?);
        let process = command.arg("echo").stdin(Stdio::from(OwnedFd::from(other))).spawn()?;
        Ok(Self { process, socket })
    }

    /// Sends and receives, so many times.
    pub(crate) fn ask(&mut self, times: usize, samples: &mut Samples) -> Result<()> {
        let mut message = [b'?'; BYTES];
        for _ in 0..times {
            samples.push(timed(|| {
                self.socket.write_all(&message)?;
                Ok(self.socket.read_exact(&mut message)?)
            })?);
        }
        Ok(())
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It ends with the socket.
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        let _ = self.process.wait();
    }
}

/// Serves as that other process, on standard input.
pub(crate) fn serve() -> io::Result<()> {
    let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut message = [0; BYTES];
    loop {
        match socket.read_exact(&mut message) {
            Ok(()) => socket.write_all(&message)?,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
