//! A key that nobody is shown.

use std::fmt;

/// What stands in a text where the key stood.
const SHOWN: &str = "[key]";

/// A key. It prints as nothing of itself.
#[derive(Clone)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A key as it goes into a header; `None` when it cannot.
    #[must_use]
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Self(key.to_owned()))
    }

    /// The header that carries it.
    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

/// Takes a key out of a text that comes in pieces, wherever they are cut.
#[derive(Debug, Default)]
pub(super) struct Scrubber {
    secret: Option<Secret>,
    held: String,
}

impl Scrubber {
    pub(super) fn of(secret: Option<Secret>) -> Self {
        Self { secret, held: String::new() }
    }

    /// The text so far that cannot be part of the key any more.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let Some(Secret(key)) = &self.secret else { return piece.to_owned() };
        self.held.push_str(piece);
        let clean = self.held.replace(key.as_str(), SHOWN);
        let is_begun = |at: &usize| key.as_bytes().starts_with(&clean.as_bytes()[*at..]);
        let earliest = clean.len().saturating_sub(key.len() - 1);
        let cut = (earliest..clean.len()).find(is_begun).unwrap_or(clean.len());
        self.held = clean[cut..].to_owned();
        clean[..cut].to_owned()
    }

    /// What is left at the end.
    pub(super) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// A whole text without the key.
pub(super) fn scrubbed(secret: Option<&Secret>, text: &str) -> String {
    secret.map_or_else(|| text.to_owned(), |Secret(key)| text.replace(key.as_str(), SHOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_out_wherever_a_text_is_cut() {
        let key = Secret::new("sk-sk-1").expect("a key");
        let text = "é sk-sk-sk-1 and sk-sk-1, then sk-sk";
        let bounds: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        for first in &bounds {
            for second in bounds.iter().filter(|at| *at >= first) {
                let mut scrubber = Scrubber::of(Some(key.clone()));
                let pieces = [&text[..*first], &text[*first..*second], &text[*second..]];
                let clean: String = pieces.map(|piece| scrubber.push(piece)).concat() + &scrubber.finish();
                assert_eq!(clean, "é sk-[key] and [key], then sk-sk", "{pieces:?}");
            }
        }
        assert_eq!(format!("{key:?}"), "Secret(…)");
    }

    #[test]
    fn what_cannot_be_a_header_is_no_key() {
        assert!(Secret::new("a\r\nHost: b").is_none() && Secret::new(" \n").is_none());
        assert!(Secret::new(" key\n").is_some());
    }
}
