//! The artifacts of a run, each with a preview of what its bytes are.

use super::words::{Cut, cut, hex, plain, pretty};
use crate::media::{Media, Picture, Sound};
use crate::report::bytes;
use base64ct::{Base64, Encoding};
use orket_engine::registry::artifact::ArtifactFile;
use orket_engine::runs::RecordedRun;
use serde::Serialize;

/// How many artifacts are shown.
const FILES_MAX: usize = 200;
/// How much of a text is shown, in bytes.
const TEXT_BYTES: usize = 32 << 10;
/// The largest picture or sound that is embedded, in bytes (2 MiB), and all together (12 MiB).
const EMBEDDED_BYTES: usize = 2 << 20;
const EMBEDDED_BYTES_ALL: usize = 12 << 20;
/// The most pixels of a picture that a browser is asked to show (32 million).
const PIXELS_MAX: u64 = 32 << 20;
/// How many bytes of anything else are shown.
const HEAD_BYTES: usize = 256;

/// The artifacts.
#[derive(Serialize)]
pub(super) struct Files {
    shown: Vec<File>,
    more: usize,
    /// The digest over all of them.
    digest: String,
}

#[derive(Serialize)]
struct File {
    path: String,
    kind: String,
    size: String,
    sha256: String,
    preview: Preview,
}

/// What is shown of a file.
#[derive(Serialize)]
#[serde(rename_all = "lowercase", tag = "show")]
enum Preview {
    Text { body: Cut },
    Picture { uri: String, form: String },
    Sound { uri: String, form: String, wave: String, width: usize },
    Bytes { body: String, more: bool },
    None { why: String },
}

impl Files {
    pub(super) fn of(run: &RecordedRun) -> Self {
        let (mut left, all) = (EMBEDDED_BYTES_ALL, &run.artifacts.files);
        Self {
            shown: all.iter().take(FILES_MAX).map(|file| shown(run, file, &mut left)).collect(),
            more: all.len().saturating_sub(FILES_MAX),
            digest: run.artifacts.digest.to_string(),
        }
    }
}

fn shown(run: &RecordedRun, file: &ArtifactFile, left: &mut usize) -> File {
    let read = run.artifact(&file.path);
    let media = read.as_deref().map(Media::of);
    let preview = match (&read, media) {
        (Some(bytes), Some(media)) => preview(bytes, media, left),
        _ => Preview::None { why: "its bytes are not at hand, or more than 32 MiB".to_owned() },
    };
    File {
        path: plain(&file.path).replace('\n', " "),
        kind: media.map_or_else(String::new, |media| format!("{media:?}").to_lowercase()),
        size: bytes(file.size),
        sha256: file.sha256.to_string(),
        preview,
    }
}

fn preview(bytes: &[u8], media: Media, left: &mut usize) -> Preview {
    let text = || String::from_utf8_lossy(bytes);
    match media {
        Media::Json => match serde_json::from_slice(bytes) {
            Ok(value) => Preview::Text { body: pretty(&value, TEXT_BYTES) },
            Err(_) => Preview::Text { body: cut(&text(), TEXT_BYTES) },
        },
        Media::Text => Preview::Text { body: cut(&text(), TEXT_BYTES) },
        Media::Png | Media::Jpeg | Media::Gif | Media::Wav => {
            embedded(bytes, media, left).unwrap_or_else(|| head(bytes))
        }
        Media::Binary => head(bytes),
    }
}

fn head(bytes: &[u8]) -> Preview {
    Preview::Bytes { body: hex(&bytes[..bytes.len().min(HEAD_BYTES)]), more: bytes.len() > HEAD_BYTES }
}

/// A picture or sound within the page; nothing when it is too much, or not what it begins like.
fn embedded(bytes: &[u8], media: Media, left: &mut usize) -> Option<Preview> {
    if bytes.len() > EMBEDDED_BYTES.min(*left) {
        return Some(Preview::None { why: "it is too large to be shown here".to_owned() });
    }
    let uri = || format!("data:{};base64,{}", media.mime().unwrap_or_default(), Base64::encode_string(bytes));
    let preview = if media == Media::Wav {
        let sound = Sound::read(bytes)?;
        let (wave, width) = wave(&sound);
        Preview::Sound { uri: uri(), form: sound.form(), wave, width }
    } else {
        Preview::Picture { uri: uri(), form: form(bytes, media)? }
    };
    *left -= bytes.len();
    Some(preview)
}

/// The size of a picture in words, when it can be told and is not too much.
fn form(bytes: &[u8], media: Media) -> Option<String> {
    let (width, height, colour) = match media {
        Media::Png => {
            let picture = Picture::read(bytes)?;
            (picture.width, picture.height, picture.colour)
        }
        Media::Gif => {
            let side =
                |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
            (side(6)?, side(8)?, "GIF".to_owned())
        }
        _ => return Some("JPEG".to_owned()),
    };
    (u64::from(width) * u64::from(height) <= PIXELS_MAX).then(|| format!("{width}×{height} {colour}"))
}

/// The outline of a sound, as the path of an SVG that is 100 high, and its width.
fn wave(sound: &Sound) -> (String, usize) {
    let bars = sound.wave();
    let bar = |(at, (low, high)): (usize, &(i64, i64))| {
        format!("M{} {}V{}", 2 * at + 1, 50 - high / 20, 51 - low / 20)
    };
    (bars.iter().enumerate().map(bar).collect(), 2 * bars.len().max(1))
}
