//~ ambient.thread: clippy
pub fn start() -> bool {
    std::thread::Builder::new().spawn(|| ()).is_ok()
}
