//~ ambient.time: clippy
use std::time::SystemTime as Clock;
pub fn now() -> Clock {
    let clock = Clock::now;
    clock()
}
