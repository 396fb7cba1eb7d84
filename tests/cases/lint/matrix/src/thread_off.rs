//~ ambient.thread: source
#[cfg(windows)]
use std::thread::spawn as begin;
#[cfg(windows)]
pub fn start() {
    begin(|| ());
}
