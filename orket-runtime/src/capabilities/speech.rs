//! The capabilities `tts.speak` and `speech.transcribe`: text to sound and back.

use serde::Deserialize;

use super::audio::AudioClip;
use super::handle::Handle;
use crate::result::Result;

/// How something is said.
///
/// ```
/// use orket_runtime::capabilities::Delivery;
/// let delivery = Delivery { emotion: "happy".into(), speed_percent: 120, ..Delivery::default() };
/// assert_eq!(delivery.voice, "default");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The id of a voice, or `default`.
    pub voice: String,
    /// A word such as `neutral`, `happy` or `sad`; an engine without emotions passes over it.
    pub emotion: String,
    /// 100 is the speed of the voice; 25 to 400.
    pub speed_percent: u32,
}

impl Default for Delivery {
    fn default() -> Self {
        Self { voice: "default".to_owned(), emotion: "neutral".to_owned(), speed_percent: 100 }
    }
}

/// A voice that speaks.
///
/// ```
/// # use orket_runtime::{capabilities::Tts, Result};
/// fn speaks_german(tts: &Tts) -> Result<bool> {
///     Ok(tts.list_voices()?.iter().any(|voice| voice.language.as_deref() == Some("de")))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct VoiceInfo {
    /// What [`Delivery::voice`] names.
    pub id: String,
    /// Its language, such as `en-gb`, where known.
    #[serde(default)]
    pub language: Option<String>,
    /// Its name for people.
    #[serde(default)]
    pub name: Option<String>,
}

/// Speech from text, where the operator has an engine.
///
/// Operations: `synthesize {text, voice, emotion, speed_percent}` → `{sample_rate, channels}` with the
/// samples attached as `pcm_s16le`; `list_voices {}` → `[{id, language, name}]`.
///
/// ```
/// use orket_runtime::{capabilities::Delivery, prelude::*};
/// fn say(ctx: &mut WorkloadContext, text: &str) -> Result<()> {
///     let clip = ctx.capabilities.tts()?.synthesize(text, &Delivery::default())?;
///     ctx.capabilities.audio_output()?.play(&clip, true)
/// }
/// ```
#[derive(Clone)]
pub struct Tts(Handle);

impl Tts {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// The clip in which a text is said.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{AudioClip, Delivery, Tts}, Result};
    /// fn slowly(tts: &Tts, text: &str) -> Result<AudioClip> {
    ///     tts.synthesize(text, &Delivery { speed_percent: 70, ..Delivery::default() })
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` for a blank text, one of more than 64 KiB, or a speed out of range;
    /// `capability.failed` when the engine cannot be used.
    #[track_caller]
    pub fn synthesize(&self, text: &str, delivery: &Delivery) -> Result<AudioClip> {
        let args = [
            ("text", text.into()),
            ("voice", delivery.voice.as_str().into()),
            ("emotion", delivery.emotion.as_str().into()),
            ("speed_percent", delivery.speed_percent.into()),
        ];
        let (format, bytes) = self.0.call_for_bytes("synthesize", args, &[])?;
        Ok(AudioClip::told(&format, &bytes))
    }

    /// The voices that there are, in the engine's order.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Tts, Result};
    /// fn first(tts: &Tts) -> Result<Option<String>> {
    ///     Ok(tts.list_voices()?.into_iter().next().map(|voice| voice.id))
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the engine cannot be used.
    #[track_caller]
    pub fn list_voices(&self) -> Result<Vec<VoiceInfo>> {
        self.0.call("list_voices", [], &[])
    }
}

/// What was said.
///
/// ```
/// # use orket_runtime::{capabilities::Transcriber, Result};
/// fn is_yes(transcriber: &Transcriber, wav: &[u8]) -> Result<bool> {
///     Ok(transcriber.transcribe(wav, "audio/wav", None)?.text.eq_ignore_ascii_case("yes"))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Transcription {
    /// The text, without spaces around it; empty when nothing was understood.
    pub text: String,
    /// The language, where the engine names it.
    #[serde(default)]
    pub language: Option<String>,
}

/// Text from speech, where the operator has named an engine.
///
/// Operation: `transcribe {mime, language}` with the sound attached → `{text, language}`.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn listen(ctx: &mut WorkloadContext, wav: &[u8]) -> Result<String> {
///     Ok(ctx.capabilities.transcriber()?.transcribe(wav, "audio/wav", Some("en"))?.text)
/// }
/// ```
#[derive(Clone)]
pub struct Transcriber(Handle);

impl Transcriber {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// The text of a recording of that media type, in that language where it is known.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{Transcriber, Transcription}, Result};
    /// fn german(transcriber: &Transcriber, mp3: &[u8]) -> Result<Transcription> {
    ///     transcriber.transcribe(mp3, "audio/mpeg", Some("de"))
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` for an empty recording, or a media type or language that is none;
    /// `capability.failed` when the engine cannot be used; `protocol.too-large` above 32 MiB.
    #[track_caller]
    pub fn transcribe(&self, sound: &[u8], mime: &str, language: Option<&str>) -> Result<Transcription> {
        self.0.call("transcribe", [("mime", mime.into()), ("language", language.into())], sound)
    }
}
