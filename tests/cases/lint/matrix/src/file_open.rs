//~ ambient.file-read: clippy
use std::fs::File;
pub fn open() -> bool {
    File::open("words.txt").is_ok()
}
