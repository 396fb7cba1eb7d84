//~ ambient.hash-order: clippy
pub struct Seen {
    pub words: std::collections::HashSet<String>,
}
