//! The capabilities `audio_output` and `audio_input`, and the clips that they play and record.

use std::ops::RangeInclusive;
use std::time::Duration;

use orket_contract::code;

use super::handle::Handle;
use crate::result::{Error, Result};

/// How many channels the host plays.
const CHANNELS: RangeInclusive<u16> = 1..=8;
/// How many moments a second the host plays.
const SAMPLE_RATES: RangeInclusive<u32> = 1_000..=192_000;

/// A piece of sound: signed 16-bit samples, the channels of each moment side by side.
///
/// ```
/// use orket_runtime::prelude::*;
/// let beep: Vec<i16> = (0..800).map(|n| if n / 20 % 2 == 0 { 8000 } else { -8000 }).collect();
/// let clip = AudioClip { sample_rate: 8000, channels: 1, samples: beep };
/// assert_eq!(clip.duration().as_millis(), 100);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioClip {
    /// Moments per second, such as 44,100.
    pub sample_rate: u32,
    /// 1 for mono, 2 for stereo.
    pub channels: u16,
    /// The samples.
    pub samples: Vec<i16>,
}

impl AudioClip {
    /// How long it sounds; zero for a clip without rate or channels.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// let stereo = AudioClip { sample_rate: 100, channels: 2, samples: vec![0; 100] };
    /// assert_eq!(stereo.duration().as_millis(), 500);
    /// ```
    #[must_use]
    pub fn duration(&self) -> Duration {
        let moments = (self.samples.len() as u64).checked_div(u64::from(self.channels));
        let nanoseconds = moments.map(|moments| u128::from(moments) * 1_000_000_000);
        let nanoseconds = nanoseconds.and_then(|n| n.checked_div(u128::from(self.sample_rate)));
        Duration::from_nanos(nanoseconds.and_then(|n| u64::try_from(n).ok()).unwrap_or_default())
    }

    /// The clip that a host describes, with its samples attached.
    pub(super) fn told(format: &Format, bytes: &[u8]) -> Self {
        let samples = bytes.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect();
        Self { sample_rate: format.sample_rate, channels: format.channels, samples }
    }

    /// The samples as little-endian bytes, `pcm_s16le`.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// let clip = AudioClip { sample_rate: 8000, channels: 1, samples: vec![1, -1] };
    /// assert_eq!(clip.pcm_s16le(), [1, 0, 255, 255]);
    /// ```
    #[must_use]
    pub fn pcm_s16le(&self) -> Vec<u8> {
        self.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }
}

/// How a clip travels: its samples are attached.
#[derive(serde::Deserialize)]
pub(super) struct Format {
    sample_rate: u32,
    channels: u16,
}

/// Plays clips.
///
/// Operations: `play {sample_rate, channels, blocking}` with the samples attached as `pcm_s16le` →
/// null; `stop {}` → null.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn chime(ctx: &mut WorkloadContext, clip: &AudioClip) -> Result<()> {
///     ctx.capabilities.audio_output()?.play(clip, true)
/// }
/// ```
#[derive(Clone)]
pub struct AudioOutput(Handle);

impl AudioOutput {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// Plays a clip; with `blocking`, comes back when it has sounded.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{AudioClip, AudioOutput}, Result};
    /// fn silence(output: &AudioOutput) -> Result<()> {
    ///     output.play(&AudioClip { sample_rate: 8000, channels: 1, samples: vec![0; 800] }, false)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` unless it has 1 to 8 channels, as many samples for each, and 1,000 to
    /// 192,000 moments a second; `protocol.too-large` for one of more than 32 MiB.
    #[track_caller]
    pub fn play(&self, clip: &AudioClip, blocking: bool) -> Result<()> {
        let torn = clip.samples.len().checked_rem(usize::from(clip.channels)).is_none_or(|rest| rest != 0);
        if torn || !CHANNELS.contains(&clip.channels) || !SAMPLE_RATES.contains(&clip.sample_rate) {
            let message = format!(
                "a clip has {} to {} channels, as many samples for each, and {} to {} moments a second",
                CHANNELS.start(),
                CHANNELS.end(),
                SAMPLE_RATES.start(),
                SAMPLE_RATES.end(),
            );
            return Err(Error::new(code::CAPABILITY_BAD_CALL, message));
        }
        let args = [
            ("sample_rate", clip.sample_rate.into()),
            ("channels", clip.channels.into()),
            ("blocking", blocking.into()),
        ];
        self.0.call("play", args, &clip.pcm_s16le())
    }

    /// Ends what is playing.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::AudioOutput, Result};
    /// fn hush(output: &AudioOutput) -> Result<()> {
    ///     output.stop()
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host could not stop it.
    #[track_caller]
    pub fn stop(&self) -> Result<()> {
        self.0.call("stop", [], &[])
    }
}

/// Records clips, where the operator has named a recorder.
///
/// Operation: `record {max_ms}` → `{sample_rate, channels}` with the samples attached as `pcm_s16le`.
///
/// ```
/// use orket_runtime::prelude::*;
/// use std::time::Duration;
/// fn hear(ctx: &mut WorkloadContext) -> Result<AudioClip> {
///     ctx.capabilities.audio_input()?.record(Duration::from_secs(5))
/// }
/// ```
#[derive(Clone)]
pub struct AudioInput(Handle);

impl AudioInput {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// Records at most so much; the clip may be shorter.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::AudioInput, Result};
    /// # use std::time::Duration;
    /// fn is_quiet(input: &AudioInput) -> Result<bool> {
    ///     let clip = input.record(Duration::from_millis(500))?;
    ///     Ok(clip.samples.iter().all(|sample| sample.unsigned_abs() < 500))
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` unless `max` is 1 ms to 10 minutes; `capability.failed` when the recorder
    /// cannot be used.
    #[track_caller]
    pub fn record(&self, max: Duration) -> Result<AudioClip> {
        let max_ms = u64::try_from(max.as_millis()).unwrap_or(u64::MAX);
        let (format, bytes) = self.0.call_for_bytes("record", [("max_ms", max_ms.into())], &[])?;
        Ok(AudioClip::told(&format, &bytes))
    }
}
