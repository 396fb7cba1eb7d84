//! Canonical JSON at compile time: a tree of pieces, rendered once where all types are concrete.
//!
//! Invariants: macros write keys in the order of RFC 8785 and escape what they know; only text that
//! is known later (`env!`) is escaped here, byte by byte, because evaluating constants is slow.

/// A piece of JSON text.
pub enum Piece {
    /// Text that the macro rendered.
    Text(&'static str),
    /// Pieces of another constant, such as the schema of a field's type.
    Of(&'static [Piece]),
    /// A text that becomes a JSON string.
    Quoted(&'static str),
    /// `CARGO_PKG_AUTHORS`: names separated by `:`, each of which becomes a JSON string.
    Authors(&'static str),
    /// A count.
    Number(usize),
    /// Names that need no escapes, each of which becomes a JSON string.
    Names(&'static [&'static str]),
    /// JSON strings that the macro rendered; those whose flag is set are written.
    Chosen(&'static [(&'static str, bool)]),
}

/// How many bytes the pieces take.
#[must_use]
pub const fn length(pieces: &[Piece]) -> usize {
    let mut sink = Sink { room: &mut [], at: 0 };
    sink.pieces(pieces);
    sink.at
}

/// The pieces as bytes; `N` is their [`length`].
#[must_use]
pub const fn render<const N: usize>(pieces: &[Piece]) -> [u8; N] {
    let mut bytes = [0; N];
    Sink { room: &mut bytes, at: 0 }.pieces(pieces);
    bytes
}

/// The rendered bytes as text.
///
/// # Panics
/// When the bytes are not UTF-8, which [`render`] never gives.
#[must_use]
pub const fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("pieces are text"),
    }
}

/// Where text goes: into `room`, or nowhere when that is empty and only the length is asked for.
struct Sink<'a> {
    room: &'a mut [u8],
    at: usize,
}

impl Sink<'_> {
    const fn bytes(&mut self, bytes: &[u8]) {
        if !self.room.is_empty() {
            let rest = self.room.split_at_mut(self.at).1;
            rest.split_at_mut(bytes.len()).0.copy_from_slice(bytes);
        }
        self.at += bytes.len();
    }

    const fn pieces(&mut self, pieces: &[Piece]) {
        let mut at = 0;
        while at < pieces.len() {
            match pieces[at] {
                Piece::Text(text) => self.bytes(text.as_bytes()),
                Piece::Of(pieces) => self.pieces(pieces),
                Piece::Quoted(text) => self.quoted(text.as_bytes()),
                Piece::Authors(text) => self.authors(text.as_bytes()),
                Piece::Number(number) => self.number(number),
                Piece::Names(names) => self.names(names),
                Piece::Chosen(names) => self.chosen(names),
            }
            at += 1;
        }
    }

    /// A comma, unless nothing was written since `start`.
    const fn comma(&mut self, start: usize) {
        if self.at > start {
            self.bytes(b",");
        }
    }

    const fn quoted(&mut self, text: &[u8]) {
        self.bytes(b"\"");
        let mut at = 0;
        while at < text.len() {
            self.escaped(text[at]);
            at += 1;
        }
        self.bytes(b"\"");
    }

    const fn escaped(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        match byte {
            b'"' => self.bytes(b"\\\""),
            b'\\' => self.bytes(b"\\\\"),
            0x08 => self.bytes(b"\\b"),
            b'\t' => self.bytes(b"\\t"),
            b'\n' => self.bytes(b"\\n"),
            0x0c => self.bytes(b"\\f"),
            b'\r' => self.bytes(b"\\r"),
            0..0x20 => {
                self.bytes(&[b'\\', b'u', b'0', b'0', HEX[byte as usize >> 4], HEX[byte as usize & 15]]);
            }
            _ => self.bytes(&[byte]),
        }
    }

    const fn authors(&mut self, text: &[u8]) {
        let start = self.at;
        let mut rest = text;
        while !rest.is_empty() {
            let mut end = 0;
            while end < rest.len() && rest[end] != b':' {
                end += 1;
            }
            let (name, after) = rest.split_at(end);
            if !name.is_empty() {
                self.comma(start);
                self.quoted(name);
            }
            rest = if after.is_empty() { after } else { after.split_at(1).1 };
        }
    }

    const fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.bytes(&[b'0' + (number % 10) as u8]);
    }

    const fn names(&mut self, names: &[&str]) {
        let start = self.at;
        let mut at = 0;
        while at < names.len() {
            self.comma(start);
            self.bytes(b"\"");
            self.bytes(names[at].as_bytes());
            self.bytes(b"\"");
            at += 1;
        }
    }

    const fn chosen(&mut self, names: &[(&str, bool)]) {
        let start = self.at;
        let mut at = 0;
        while at < names.len() {
            if names[at].1 {
                self.comma(start);
                self.bytes(names[at].0.as_bytes());
            }
            at += 1;
        }
    }
}

/// Whether two texts are equal, because `==` is not for constants.
pub(super) const fn equal(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = 0;
    while at < left.len() && at < right.len() && left[at] == right[at] {
        at += 1;
    }
    at == left.len() && at == right.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<const N: usize>(pieces: &[Piece], expected: &str) {
        assert_eq!(length(pieces), expected.len(), "{expected}");
        assert_eq!(std::str::from_utf8(&render::<N>(pieces)), Ok(expected));
    }

    #[test]
    fn text_is_escaped_as_rfc_8785_wants() {
        check::<20>(&[Piece::Quoted("a\"\\\u{8}\n\u{1f}äb")], "\"a\\\"\\\\\\b\\n\\u001fäb\"");
        check::<2>(&[Piece::Quoted("")], "\"\"");
    }

    #[test]
    fn authors_are_split_and_blanks_dropped() {
        check::<11>(&[Piece::Authors("Ann:Bob::")], r#""Ann","Bob""#);
        check::<0>(&[Piece::Authors("")], "");
    }

    #[test]
    fn numbers_and_chosen_names() {
        check::<4>(&[Piece::Number(1024)], "1024");
        check::<1>(&[Piece::Number(0)], "0");
        check::<9>(&[Piece::Names(&["ab", "cd"])], r#""ab","cd""#);
        check::<7>(&[Piece::Chosen(&[("\"a\"", true), ("\"b\"", false), ("\"c\"", true)])], r#""a","c""#);
    }
}
