//! Where the guests of many runs begin: in a box that stays, one for each confinement, built when it is first needed.

use crate::sandbox::{self, Confinement, Guest, Program, Server};
use std::cell::RefCell;
use std::fs::File;

/// The boxes of a series of runs, which come one after the other.
#[derive(Debug, Default)]
pub(crate) struct Boxes(RefCell<Live>);

#[derive(Debug, Default)]
struct Live {
    servers: Vec<(Confinement, Server)>,
    /// Why there is none.
    refused: Option<String>,
}

impl Boxes {
    /// Starts a guest in the box of its confinement, where one can be had, else as any other.
    pub(super) fn spawn(&self, cell: &Confinement, program: File) -> Result<Guest, sandbox::Error> {
        self.0.borrow_mut().spawn(cell, &Program::new(program))
    }

    /// Why guests are started as any other, if they are.
    pub(crate) fn refused(&self) -> Option<String> {
        self.0.borrow().refused.clone()
    }
}

impl Live {
    fn spawn(&mut self, cell: &Confinement, program: &Program) -> Result<Guest, sandbox::Error> {
        if self.refused.is_some() {
            return sandbox::spawn(cell, program);
        }
        let cpu_ms = cell.limits.cpu_ms;
        let at = self.servers.iter().position(|(known, _)| is_same(known, cell));
        if let Some(at) = at {
            if let Ok(guest) = self.servers[at].1.spawn(cpu_ms) {
                return Ok(guest);
            }
            // It ended with its last guest.
            self.servers.swap_remove(at);
        }
        let built = Server::start(cell, program).and_then(|mut server| {
            let guest = server.spawn(cpu_ms)?;
            self.servers.push((cell.clone(), server));
            Ok(guest)
        });
        built.or_else(|error| {
            self.refused = Some(error.to_string());
            sandbox::spawn(cell, program)
        })
    }
}

/// Whether a box of one confinement is one of the other. What a run has left of its processor time is not the box's, but
/// the kernel's own limit is, and has to be enough.
fn is_same(known: &Confinement, asked: &Confinement) -> bool {
    let mut alike = asked.clone();
    alike.limits.cpu_ms = known.limits.cpu_ms;
    *known == alike && asked.limits.cpu_ms <= known.limits.cpu_ms
}
