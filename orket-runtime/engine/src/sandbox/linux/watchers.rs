//! The threads of supervisors: one for each guest that is there, kept for the next one.

use super::supervisor::{Seen, Supervisor};
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

/// How many threads wait for the next guest, at most.
const IDLE_MAX: usize = 16;

struct Job {
    supervisor: Supervisor,
    answer: Sender<Seen>,
}

/// The inboxes of threads that wait, and the process that they live in: a copy made by `fork` has none.
static IDLE: Mutex<(u32, Vec<Sender<Job>>)> = Mutex::new((0, Vec::new()));

/// Lets a supervisor watch; what it has seen comes when it is over.
pub(super) fn watch(supervisor: Supervisor) -> io::Result<Receiver<Seen>> {
    let (answer, answered) = channel();
    let job = Job { supervisor, answer };
    // Only a thread that is at its own end does not take it.
    let refused = match idle(Vec::pop) {
        Some(inbox) => inbox.send(job).err().map(|refused| refused.0),
        None => Some(job),
    };
    if let Some(job) = refused {
        let thread = std::thread::Builder::new().name("orket-supervisor".into());
        thread.spawn(move || serve(job))?;
    }
    Ok(answered)
}

fn serve(first: Job) {
    let (inbox, jobs) = channel();
    let mut next = Some(first);
    while let Some(Job { supervisor, answer }) = next.take() {
        let seen = supervisor.run();
        let waits = idle(|threads| {
            let waits = threads.len() < IDLE_MAX;
            threads.extend(waits.then(|| inbox.clone()));
            waits
        });
        // Whoever started the guest may be gone.
        let _ = answer.send(seen);
        next = if waits { jobs.recv().ok() } else { None };
    }
}

fn idle<T>(with: impl FnOnce(&mut Vec<Sender<Job>>) -> T) -> T {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let here = std::process::id();
    if idle.0 != here {
        *idle = (here, Vec::new());
    }
    with(&mut idle.1)
}
