//! Platforms without a back end: the same names, and running is refused rather than done unprotected.
//!
//! No value of [`Guest`], [`Server`], [`Socket`] or [`Killer`] can exist here, so their methods can never be reached.
// Compiled on every platform for its test, so that it cannot rot.
#![cfg_attr(test, allow(dead_code, unreachable_pub))]

use super::{Confinement, Error, Exit, Layer, LayerStatus, Machine, Profile, Trial};
use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

/// An executable that was checked on this very handle.
#[derive(Debug)]
pub struct Program(#[allow(dead_code)] File);

impl Program {
    /// Takes the open, checked executable.
    pub fn new(executable: File) -> Self {
        Program(executable)
    }
}

/// The host's end of the conversation.
#[derive(Debug)]
pub enum Socket {}

impl Socket {
    /// A second handle of the same socket.
    ///
    /// # Errors
    /// None: unreachable.
    pub fn try_clone(&self) -> io::Result<Socket> {
        match *self {}
    }
}

impl Read for Socket {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
}

impl Write for Socket {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        match *self {}
    }

    fn flush(&mut self) -> io::Result<()> {
        match *self {}
    }
}

/// Kills a guest from another thread.
#[derive(Debug)]
pub enum Killer {}

impl Killer {
    /// Kills it.
    ///
    /// # Errors
    /// None: unreachable.
    pub fn kill(&self) -> Result<(), Error> {
        match *self {}
    }
}

/// A running guest.
#[derive(Debug)]
pub enum Guest {}

#[allow(missing_docs, clippy::missing_errors_doc)]
impl Guest {
    pub fn socket(&mut self) -> &mut Socket {
        match *self {}
    }
    pub fn take_stdout(&mut self) -> Option<std::process::ChildStdout> {
        match *self {}
    }
    pub fn take_stderr(&mut self) -> Option<std::process::ChildStderr> {
        match *self {}
    }
    pub fn id(&self) -> u32 {
        match *self {}
    }
    pub fn report(&self) -> &[LayerStatus] {
        match *self {}
    }
    pub fn profile(&self) -> Option<Profile> {
        match *self {}
    }
    pub fn killer(&self) -> Result<Killer, Error> {
        match *self {}
    }
    pub fn kill(&mut self) -> Result<(), Error> {
        match *self {}
    }
    pub fn take_output(&mut self) -> (Vec<u8>, Vec<u8>) {
        match *self {}
    }
    pub fn end(&mut self) -> Result<Exit, Error> {
        match *self {}
    }
    pub fn end_within(&mut self, _: Duration) -> Result<Exit, Error> {
        match *self {}
    }
    pub fn wait(&mut self) -> Result<Exit, Error> {
        match *self {}
    }
    pub fn wait_for(&mut self, _: Duration) -> Result<Option<Exit>, Error> {
        match *self {}
    }
}

/// A box in which one program runs again and again.
#[derive(Debug)]
pub enum Server {}

impl Server {
    /// Would build the box.
    ///
    /// # Errors
    /// `sandbox.unsupported-platform`, always.
    pub fn start(_: &Confinement, _: &Program) -> Result<Self, Error> {
        Err(unsupported())
    }

    /// Starts a run in it.
    ///
    /// # Errors
    /// None: unreachable.
    pub fn spawn(&mut self, _: u64) -> Result<Guest, Error> {
        match *self {}
    }
}

/// Would start a guest.
///
/// # Errors
/// `sandbox.unsupported-platform`, always.
pub fn spawn(_: &Confinement, _: &Program) -> Result<Guest, Error> {
    Err(unsupported())
}

/// Would start a guest.
///
/// # Errors
/// `sandbox.unsupported-platform`, always.
pub fn spawn_here(confinement: &Confinement, program: &Program) -> Result<Guest, Error> {
    spawn(confinement, program)
}

/// Would show that the sandbox holds.
///
/// # Errors
/// `sandbox.unsupported-platform`, always.
pub(crate) fn prove(_: &[Layer]) -> Result<(), Error> {
    Err(unsupported())
}

/// No layer exists here.
pub fn probe() -> Vec<LayerStatus> {
    Vec::new()
}

/// Nothing is known of this kernel.
pub fn machine() -> Option<Machine> {
    None
}

/// The trial of the sandbox.
pub mod trial {
    use super::{Confinement, Error, Trial};

    /// Would start a guest.
    ///
    /// # Errors
    /// `sandbox.unsupported-platform`, always.
    pub fn try_out() -> Result<Trial, Error> {
        Err(super::unsupported())
    }

    /// Would start a guest.
    ///
    /// # Errors
    /// `sandbox.unsupported-platform`, always.
    pub fn try_out_in(_: impl FnOnce(&mut Confinement)) -> Result<Trial, Error> {
        Err(super::unsupported())
    }
}

fn unsupported() -> Error {
    let platform = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    Error::UnsupportedPlatform { platform }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_is_refused() {
        let program = Program::new(tempfile::tempfile().unwrap());
        let error = spawn(&Confinement::new("/stage"), &program).unwrap_err();
        assert_eq!(error.code(), "sandbox.unsupported-platform");
        assert!(spawn_here(&Confinement::new("/stage"), &program).is_err());
        assert!(Server::start(&Confinement::new("/stage"), &program).is_err());
        assert!(probe().is_empty() && machine().is_none());
        assert!(trial::try_out().is_err() && trial::try_out_in(|_| ()).is_err());
    }
}
