//! The part of an order that makes of a launcher a server: it stays, confined, and forks a child for each run.
//!
//! Nothing foreign ever runs in it. A child takes from the host what belongs to its run alone, gives up the one capability that is
//! left, and goes on as every launcher does; so a run that is served is as confined as any other, and is a new process. It has the
//! number that every guest has.

use super::super::Layer;
use super::super::confinement::Words;
use super::course::{self, Choice, EXECUTABLE, REPORT, STATUS};
use super::kernel::Reaped;
use super::order::{End, STOP};
use super::script::Script;
use super::{SOCKET_FD, vector};
use std::os::fd::RawFd;
use std::time::Duration;

/// `CAP_CHECKPOINT_RESTORE`, which it takes to give a child its number.
pub(super) const CAPABILITY: u64 = 1 << 40;
/// The number of every guest in its namespace.
const NUMBER: u64 = 2;
/// What a message brings, in this order.
pub(super) const BROUGHT: [RawFd; 5] = [0, 1, 2, SOCKET_FD, REPORT];
/// The bytes of a message: one, and the descriptors after their header.
const HEADER_BYTES: u64 = 16;

/// Waits for runs; what follows is done by a child for each.
pub(super) fn serve(script: &mut Script, choice: &Choice<'_>, words: &Words) {
    course::tell(script);
    script.call("close the report", libc::SYS_close, &[REPORT.into()]);
    script.layer(Layer::Processes, STOP);
    let number = script.words(&[NUMBER]);
    let signal = libc::SIGCHLD.unsigned_abs().into();
    // Flags, handle, numbers to write, signal, stack, its size, thread memory, numbers to have, how many, group.
    let clone = [0, 0, 0, 0, signal, 0, 0, 0, number, 1, 0];
    let arguments = script.words(&clone);
    let change = vector::change(script, choice, words);
    script.serve(change, arguments, size_of_val(&clone));
    take(script);
    if choice.applies(Layer::Privileges) {
        script.layer(Layer::Privileges, course::importance(choice.confinement, Layer::Privileges));
        course::capabilities(script, 0);
    }
}

/// Takes the descriptors of a run, and puts them in their places.
fn take(script: &mut Script) {
    script.layer(None, STOP);
    let byte = script.words(&[0]);
    let part = script.words(&[byte, 1]);
    let room = [0; (HEADER_BYTES as usize + size_of_val(&BROUGHT)).div_ceil(8)];
    let control = script.words(&room);
    let message = script.words(&[0, 0, part, 1, control, size_of_val(&room) as u64, 0]);
    script.call("take a run", libc::SYS_recvmsg, &[STATUS.into(), message.into(), 0.into()]);
    for (at, to) in (control + HEADER_BYTES..).step_by(size_of::<RawFd>()).zip(BROUGHT) {
        let from = script.load(at);
        let flags = if to == REPORT { libc::O_CLOEXEC } else { 0 };
        script.call("place a descriptor", libc::SYS_dup3, &[from.into(), to.into(), flags.into()]);
    }
    let (first, last) = (SOCKET_FD.unsigned_abs() + 1, EXECUTABLE.unsigned_abs() - 1);
    script.call("close_range", libc::SYS_close_range, &[first.into(), last.into(), 0.into()]);
}

/// What a server tells of the end of a run: the error for which it did not begin, or how it ended.
pub(super) fn reaped(told: &[u8; size_of::<End>()]) -> Result<Reaped, i32> {
    let word = |at: usize| {
        let bytes = told.chunks_exact(size_of::<u64>()).nth(at).and_then(|bytes| bytes.first_chunk());
        u64::from_ne_bytes(bytes.copied().unwrap_or_default())
    };
    let [user, system, resident] = [1, 3, 5];
    let span = |at| Duration::from_secs(word(at)) + Duration::from_micros(word(at + 1));
    let [a, b, c, d, failed @ ..] = word(0).to_ne_bytes();
    match i32::from_ne_bytes(failed) {
        0 => Ok(Reaped {
            status: i32::from_ne_bytes([a, b, c, d]),
            cpu: span(user) + span(system),
            resident_bytes_max: word(resident) << 10,
        }),
        failed => Err(failed),
    }
}
