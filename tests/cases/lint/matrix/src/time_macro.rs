//~ ambient.time: clippy
macro_rules! now {
    () => {
        std::time::Instant::now()
    };
}
pub fn now() -> std::time::Instant {
    now!()
}
