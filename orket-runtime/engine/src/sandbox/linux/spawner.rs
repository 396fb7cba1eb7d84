//! The thread that starts every launcher.
//!
//! The kernel kills a guest when the *thread* that started it ends, so no thread of the host's choice may do it: this one never
//! ends.

use super::kernel::{self, Start};
use rustix::process::Pid;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

/// What a start gives: the process, and a handle that names it even after its end.
pub(super) type Started = (Pid, OwnedFd);

struct Job {
    start: Start,
    answer: Sender<io::Result<Started>>,
}

/// The thread's inbox, and the process that it lives in: a copy made by `fork` has none.
static SPAWNER: Mutex<Option<(u32, Sender<Job>)>> = Mutex::new(None);

/// Starts a launcher that lives as long as this process, whatever becomes of this thread.
pub(super) fn start(start: Start) -> io::Result<Started> {
    let (answer, answered) = channel();
    let mut spawner = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner);
    let here = std::process::id();
    let inbox = match spawner.as_ref() {
        Some((process, inbox)) if *process == here => inbox.clone(),
        _ => {
            let inbox = spawner_thread()?;
            *spawner = Some((here, inbox.clone()));
            inbox
        }
    };
    drop(spawner);
    let gone = || io::Error::other("the thread that starts guests is gone");
    inbox.send(Job { start, answer }).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

fn spawner_thread() -> io::Result<Sender<Job>> {
    let (inbox, jobs) = channel();
    std::thread::Builder::new().name("orket-spawner".to_owned()).spawn(move || serve(&jobs))?;
    Ok(inbox)
}

fn serve(jobs: &Receiver<Job>) {
    for Job { start, answer } in jobs {
        // Whoever asked may be gone; then the process is killed by nobody but its own end of the report.
        let _ = answer.send(kernel::start(&start));
    }
}
