//~ ambient.file-write: clippy
pub fn open() -> bool {
    std::fs::OpenOptions::new().append(true).open("log").is_ok()
}
