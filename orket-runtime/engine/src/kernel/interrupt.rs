//! Ends everything that runs, from another thread: what a signal handler of the host calls.

use crate::sandbox::Killer;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle that ends all guests and the operator's programs, and removes all stages of its manager. Clones share what they end.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Mutex<Live>>);

#[derive(Default)]
struct Live {
    fired: bool,
    next: u64,
    guests: BTreeMap<u64, Killer>,
    stages: BTreeMap<u64, PathBuf>,
    children: BTreeMap<u64, Box<dyn Fn() + Send>>,
}

impl Interrupt {
    /// Kills every guest and program and removes every stage; those that would start later are killed at once.
    pub fn fire(&self) {
        let mut live = self.live();
        live.fired = true;
        for killer in live.guests.values() {
            // It may have ended by itself.
            let _ = killer.kill();
        }
        live.children.values().for_each(|kill| kill());
        for stage in live.stages.values() {
            // What cannot be removed now is swept by the next run.
            let _ = std::fs::remove_dir_all(stage);
            let _ = std::fs::remove_file(stage.with_extension("lock"));
        }
    }

    /// Whether it was fired.
    #[must_use]
    pub fn fired(&self) -> bool {
        self.live().fired
    }

    pub(crate) fn guest(&self, killer: Killer) -> Guard {
        let mut live = self.live();
        if live.fired {
            let _ = killer.kill();
        }
        let id = live.take_id();
        live.guests.insert(id, killer);
        Guard { interrupt: self.clone(), id }
    }

    /// Registers a program that `kill` ends, for as long as the guard lives.
    pub(crate) fn child(&self, kill: impl Fn() + Send + 'static) -> Guard {
        let mut live = self.live();
        if live.fired {
            kill();
        }
        let id = live.take_id();
        live.children.insert(id, Box::new(kill));
        Guard { interrupt: self.clone(), id }
    }

    pub(crate) fn stage(&self, dir: &Path) -> Guard {
        let mut live = self.live();
        let id = live.take_id();
        live.stages.insert(id, dir.to_path_buf());
        Guard { interrupt: self.clone(), id }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn take_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// Keeps a guest, program or stage registered.
pub(crate) struct Guard {
    interrupt: Interrupt,
    id: u64,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Guard").field(&self.id).finish()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut live = self.interrupt.live();
        live.guests.remove(&self.id);
        live.children.remove(&self.id);
        live.stages.remove(&self.id);
    }
}
