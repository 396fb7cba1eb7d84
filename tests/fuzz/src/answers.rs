//! The body of the fuzz target for what services of the operator answer: a model, a recorder, a voice, a transcriber.

use orket_engine::capability::model::sse::{self, EVENT_BYTES_MAX, Events};
use orket_engine::capability::{transcriber, wav};
use std::time::Duration;

/// A stream or a whole answer of a model, a sound, or what a transcriber wrote.
pub fn answers(bytes: &[u8]) {
    stream(bytes);
    piece(&String::from_utf8_lossy(bytes));
    sound(bytes);
    if let Ok(said) = transcriber::read(bytes) {
        let text = said["text"].as_str().expect("a text");
        assert_eq!(text.trim(), text);
        assert!(said["language"].is_null() || said["language"].is_string(), "{said}");
        assert_eq!(said.as_object().map(serde_json::Map::len), Some(2));
    }
}

/// However a stream is cut, its events are the same, and no event is larger than one may be.
fn stream(bytes: &[u8]) {
    let whole = Events::default().push(bytes);
    let mut cut = Events::default();
    let pieces: Result<Vec<_>, _> = bytes.chunks(7).map(|bytes| cut.push(bytes)).collect();
    assert_eq!(pieces.map(|pieces| pieces.concat()), whole);
    for event in whole.unwrap_or_default() {
        assert!(event.len() <= EVENT_BYTES_MAX);
        piece(&event);
    }
}

fn piece(data: &str) {
    match sse::piece(data) {
        Ok(piece) if piece.last => assert_eq!((piece.text.as_str(), piece.tokens), ("", None)),
        Ok(piece) => {
            let (prompt, text) = piece.tokens.unwrap_or_default();
            assert!(prompt < 1 << 53 && text < 1 << 53, "JSON has no such integers");
        }
        Err(why) => assert!(!why.is_empty() && !why.contains(char::is_control), "{why:?}"),
    }
}

fn sound(bytes: &[u8]) {
    match wav::read(bytes) {
        Ok(sound) => {
            let moment = 2 * usize::from(sound.channels);
            assert!((1..=8).contains(&sound.channels) && (1_000..=192_000).contains(&sound.sample_rate));
            assert!(sound.samples.len() <= bytes.len() && sound.samples.len() % moment == 0);
            let short = sound.at_most(Duration::from_millis(5), 1_000);
            assert!(short.samples.len() <= 1_000 && short.samples.len() % moment == 0);
            assert!(short.duration() <= Duration::from_millis(5));
        }
        Err(why) => assert!(!why.is_empty()),
    }
}
