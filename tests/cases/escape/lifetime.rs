//! To live on when the host is gone: an attempt that needs a host to go.

use crate::attempt::{Attempt, Outcome, attempt};
use crate::bait::Bait;
use crate::make;
use crate::play::{Part, Played};
use crate::profile::confinement;
use crate::sys::{call, shown};
use orket_engine::sandbox::{self, Ending, Guest};
use std::io::{self, Read, Write};
use std::time::Duration;

pub(crate) const NAME: &str = "outlive-host";
/// A guest that was left alone is killed at once; it is waited for no longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often, and how long after each other, it must answer to count as alive.
const ROUNDS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) const ATTEMPTS: &[Attempt] = &[attempt(NAME, stay)];

/// Answers every byte until the end.
fn stay(at: &Bait) -> io::Result<()> {
    let mut byte = [0_u8; 1];
    while call!(libc::SYS_read, at.socket, byte.as_mut_ptr(), 1)? == 1 {
        call!(libc::SYS_write, at.socket, byte.as_ptr(), 1)?;
    }
    shown(false)
}

/// The kernel ends such a guest with the thread that started it, so this one starts it and ends.
pub(crate) fn outlive(part: &Part) -> Played {
    let baits = crate::bait::Baits::new().expect("bait is laid out");
    let started = std::thread::scope(|scope| {
        let start = || -> Result<Guest, sandbox::Error> {
            let mut confinement = confinement(part.profile, &part.without, &baits.stage());
            let told = serde_json::to_string(&baits.bait).expect("bait is JSON");
            confinement.arguments = vec![NAME.to_owned(), told];
            sandbox::spawn_here(&confinement, &make::program())
        };
        scope.spawn(start).join().expect("no panic")
    });
    let mut guest = started.unwrap_or_else(|error| panic!("{NAME}: {error:?}"));
    let inside = match answers(&mut guest) {
        Ok(()) => Outcome::Done,
        Err(_) => match guest.wait_for(PATIENCE).expect("a guest is watched") {
            Some(exit) => match exit.ending {
                Ending::Signal(signal) => Outcome::Killed(signal),
                Ending::Code(code) => Outcome::Silent(code),
            },
            None => Outcome::Hung,
        },
    };
    // A process does not end with the thread that started it unless it asks for that: the host is the control.
    Played { name: NAME.to_owned(), inside, harm: None, outside: part.controlled.then_some(Outcome::Done) }
}

/// Whether somebody lives at the other end, a while after its host's thread has ended: whoever waits for a thread may go on
/// before the kernel has told its children.
fn answers(guest: &mut Guest) -> io::Result<()> {
    let mut byte = [0; 1];
    for _ in 0..ROUNDS {
        std::thread::sleep(PAUSE);
        guest.socket().write_all(b"x")?;
        guest.socket().read_exact(&mut byte)?;
    }
    Ok(())
}
