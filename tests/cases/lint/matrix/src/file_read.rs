//~ ambient.file-read: clippy
pub fn words() -> std::io::Result<String> {
    std::fs::read_to_string("/usr/share/dict/words")
}
