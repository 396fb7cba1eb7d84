//! Threads of the host that work for nothing, so that a guest has the machine less for itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// They end when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Load(Arc<AtomicBool>);

impl Load {
    /// Begins so many; where a thread cannot be had, there is less load.
    pub(super) fn begin(count: usize) -> Self {
        let load = Self::default();
        for _ in 0..count {
            let is_over = Arc::clone(&load.0);
            let thread = std::thread::Builder::new().name("orket-load".into());
            let _ = thread.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        load
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
