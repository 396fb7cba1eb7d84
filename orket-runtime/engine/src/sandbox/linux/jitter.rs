//! Stops a guest and lets it go on, at moments that follow from a number: what depends on how fast it runs shows.

use super::process::Process;
use crate::surroundings::Draws;
use rustix::process::{Signal, kill_process_group};
use std::io::ErrorKind;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often at most: after that the guest runs as it can.
const STOPS_MAX: usize = 200;
/// The longest stretch that it runs, and the longest that it stands, in microseconds.
const SPAN_US_MAX: u64 = 3_000;

/// Begins; the thread ends with the guest, which must not be reaped before. Without a thread there is no jitter.
pub(super) fn begin(process: Arc<Process>, seed: u64) -> Option<JoinHandle<()>> {
    let thread = std::thread::Builder::new().name("orket-jitter".into());
    thread.spawn(move || stop_and_go(&process, Draws::new(seed))).ok()
}

fn stop_and_go(process: &Process, mut draws: Draws) {
    let has_ended_after = |span: u64| {
        let deadline = Instant::now() + Duration::from_micros(span);
        process.await_end(deadline).err().is_none_or(|error| error.kind() != ErrorKind::TimedOut)
    };
    for _ in 0..STOPS_MAX {
        if has_ended_after(draws.below(SPAN_US_MAX)) {
            return;
        }
        // It may have ended.
        let _ = kill_process_group(process.pid, Signal::STOP);
        let has_ended = has_ended_after(draws.below(SPAN_US_MAX));
        let _ = kill_process_group(process.pid, Signal::CONT);
        if has_ended {
            return;
        }
    }
}
