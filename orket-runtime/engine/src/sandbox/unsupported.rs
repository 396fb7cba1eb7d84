//! Platforms without a back end: the same names, and running is refused rather than done unprotected.
//!
//! No value of [`Guest`], [`Socket`] or [`Killer`] can exist here, so their methods can never be reached.
// Compiled on every platform for its test, so that it cannot rot.
#![cfg_attr(test, allow(dead_code, unreachable_pub))]

use super::{Confinement, Error, Exit, LayerStatus, Machine, Trial};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
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

/// The binary that confines itself and becomes the guest.
#[derive(Debug, Clone)]
pub struct Launcher(#[allow(dead_code)] PathBuf);

impl Launcher {
    /// This program itself: whatever needs no guest works here too, and [`spawn`] refuses.
    ///
    /// # Errors
    /// `sandbox.failed` when the program does not know its own path.
    pub fn current_exe() -> Result<Self, Error> {
        let path = std::env::current_exe().map_err(|error| Error::failed("find the launcher", error))?;
        Ok(Launcher(path))
    }

    /// Another binary that calls [`launcher::enter`] first thing.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Launcher(path.as_ref().to_path_buf())
    }
}

/// The entry of the launcher.
pub mod launcher {
    /// Returns at once: no launcher is ever started on this platform.
    pub fn enter() {}
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

/// Would start a guest.
///
/// # Errors
/// `sandbox.unsupported-platform`, always.
pub fn spawn(_: &Confinement, _: &Program, _: &Launcher) -> Result<Guest, Error> {
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
    use super::{Error, Launcher, Trial};

    /// Returns at once: no guest is ever started on this platform.
    pub fn enter() {}

    /// Would start a guest.
    ///
    /// # Errors
    /// `sandbox.unsupported-platform`, always.
    pub fn try_out(_: &Launcher) -> Result<Trial, Error> {
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
        launcher::enter();
        let program = Program::new(tempfile::tempfile().unwrap());
        let error = spawn(&Confinement::new("/stage"), &program, &Launcher::at("/x")).unwrap_err();
        assert_eq!(error.code(), "sandbox.unsupported-platform");
        assert!(probe().is_empty() && machine().is_none());
        trial::enter();
        assert!(trial::try_out(&Launcher::at("/x")).is_err());
    }
}
