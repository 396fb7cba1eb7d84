//~ ambient.thread: clippy
pub fn start() {
    drop(std::thread::spawn(|| ()));
}
