//! What libFuzzer calls: the targets that ordinary tests run too, and the note reader of the engine.

pub mod answers;
pub mod attest;
pub mod package;
pub mod run;
pub mod target;

/// The engine's reader of notes, as it is: the module is not part of the engine's public face.
#[path = "../../../orket-runtime/engine/src/loader/note.rs"]
pub mod note;

/// A program of which nothing is known.
pub fn program(bytes: &[u8]) {
    if let Ok(notes) = note::read(bytes) {
        let _ = note::manifest(&notes);
    }
}
