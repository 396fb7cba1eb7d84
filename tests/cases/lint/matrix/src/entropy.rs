//~ ambient.entropy: clippy
pub fn state() -> std::hash::RandomState {
    std::hash::RandomState::new()
}
