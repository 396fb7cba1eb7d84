//! What a file of a run is, by its bytes alone: what its name or its author says is not believed.

mod picture;
mod sound;

pub(crate) use picture::{Picture, Pixel};
pub(crate) use sound::{Sample, Sound};

use serde::Serialize;

/// The largest text that is taken for text, in bytes (4 MiB); longer ones are compared as bytes.
pub(crate) const TEXT_BYTES_MAX: usize = 4 << 20;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Media {
    /// JSON: an object or array.
    Json,
    /// UTF-8 without control characters but white space.
    Text,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A GIF picture.
    Gif,
    /// A RIFF WAVE.
    Wav,
    /// Anything else.
    Binary,
}

impl Media {
    /// The form of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Self::Wav,
            _ => Self::of_text(bytes),
        }
    }

    fn of_text(bytes: &[u8]) -> Self {
        let is_plain = |text: &str| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        match std::str::from_utf8(bytes) {
            Ok(text) if bytes.len() <= TEXT_BYTES_MAX && is_plain(text) => {
                let is_json = text.trim_start().starts_with(['{', '['])
                    && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
                if is_json { Self::Json } else { Self::Text }
            }
            _ => Self::Binary,
        }
    }

    /// The media type for a browser, of those that it is shown by.
    pub(crate) fn mime(self) -> Option<&'static str> {
        match self {
            Self::Png => Some("image/png"),
            Self::Jpeg => Some("image/jpeg"),
            Self::Gif => Some("image/gif"),
            Self::Wav => Some("audio/wav"),
            Self::Json | Self::Text | Self::Binary => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide() {
        let check = |bytes: &[u8], media: Media| assert_eq!(Media::of(bytes), media, "{bytes:?}");
        check(b"\x89PNG\r\n\x1a\nrest", Media::Png);
        check(b"\xff\xd8\xff\xe0", Media::Jpeg);
        check(b"GIF89a", Media::Gif);
        check(b"RIFF\0\0\0\0WAVEfmt ", Media::Wav);
        check(b" {\"a\": [1]}\n", Media::Json);
        check(b"{\"a\": [1]", Media::Text);
        check("<svg onload=\"x\">\u{202e}".as_bytes(), Media::Text);
        check(b"", Media::Text);
        check(b"a\x1b[2J", Media::Binary);
        check(b"\xff\xfe", Media::Binary);
        check("[".repeat(100_000).as_bytes(), Media::Text);
    }
}
