//! RIFF WAVE: the form, and the samples of integer PCM.

use serde::Serialize;

/// How many points a drawn wave has at most.
const WAVE_POINTS: usize = 240;
/// How many chunks before the samples are looked at.
const CHUNKS_MAX: usize = 1_000;

/// The form of a WAVE, and its samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Sound {
    /// Frames per second.
    pub(crate) sample_rate: u32,
    /// Samples in one frame.
    pub(crate) channels: u16,
    /// Bits of one sample.
    pub(crate) bits: u16,
    /// How many frames it has.
    pub(crate) frames: usize,
    /// Its length in milliseconds.
    pub(crate) milliseconds: u64,
    #[serde(skip)]
    samples: Vec<i32>,
}

/// The first sample in which two sounds differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Sample {
    /// The frame, from 0.
    pub(crate) frame: usize,
    /// The channel, from 0.
    pub(crate) channel: usize,
    /// When that is, in milliseconds.
    pub(crate) milliseconds: u64,
    /// Its value in the first.
    pub(crate) left: i32,
    /// Its value in the second.
    pub(crate) right: i32,
    /// How many samples differ.
    pub(crate) differing: usize,
    /// The largest difference.
    pub(crate) peak_difference: u32,
}

impl Sound {
    /// Reads integer PCM of 8 to 32 bits; `None` for any other form.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (mut rest, mut form) = (bytes.get(12..)?, None);
        for _ in 0..CHUNKS_MAX {
            let (name, after) = rest.split_at_checked(4)?;
            let (length, after) = after.split_at_checked(4)?;
            let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
            let body = after.get(..length.min(after.len()))?;
            match name {
                b"fmt " => form = Some(Form::read(body)?),
                b"data" => return form?.sound(body),
                _ => {}
            }
            rest = after.get(length.checked_add(length % 2)?..)?;
        }
        None
    }

    /// The form in words.
    pub(crate) fn form(&self) -> String {
        let Self { sample_rate, channels, bits, milliseconds, .. } = self;
        let channels = if *channels == 1 { "mono".to_owned() } else { format!("{channels} channels") };
        format!("{sample_rate} Hz, {channels}, {bits} bit, {milliseconds} ms")
    }

    /// The first sample in which two sounds of one form differ.
    pub(crate) fn first_sample(&self, other: &Self) -> Option<Sample> {
        let pairs = || self.samples.iter().zip(&other.samples);
        let at = pairs().position(|(a, b)| a != b)?;
        let channels = usize::from(self.channels.max(1));
        let frame = at / channels;
        Some(Sample {
            frame,
            channel: at % channels,
            milliseconds: milliseconds(frame, self.sample_rate),
            left: self.samples[at],
            right: other.samples[at],
            differing: pairs().filter(|(a, b)| a != b).count(),
            peak_difference: pairs().map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0),
        })
    }

    /// The least and the greatest value of each stretch, in thousandths of what the form can hold.
    pub(crate) fn wave(&self) -> Vec<(i64, i64)> {
        let full = 1_i64 << (self.bits.clamp(8, 32) - 1);
        let stretch = self.samples.len().div_ceil(WAVE_POINTS).max(1);
        let scaled = |value: Option<&i32>| i64::from(*value.unwrap_or(&0)) * 1000 / full;
        self.samples
            .chunks(stretch)
            .map(|part| (scaled(part.iter().min()), scaled(part.iter().max())))
            .collect()
    }
}

struct Form {
    channels: u16,
    sample_rate: u32,
    bits: u16,
}

impl Form {
    fn read(body: &[u8]) -> Option<Self> {
        let short = |at: usize| Some(u16::from_le_bytes(body.get(at..at + 2)?.try_into().ok()?));
        let sample_rate = u32::from_le_bytes(body.get(4..8)?.try_into().ok()?);
        let form = Self { channels: short(2)?, sample_rate, bits: short(14)? };
        // 1 is integer PCM, 0xfffe says that the rest of the chunk tells.
        let is_pcm = matches!(short(0)?, 1 | 0xfffe) && matches!(form.bits, 8 | 16 | 24 | 32);
        (is_pcm && form.channels > 0 && sample_rate > 0).then_some(form)
    }

    fn sound(self, data: &[u8]) -> Option<Sound> {
        let Self { channels, sample_rate, bits } = self;
        let samples: Vec<i32> = data.chunks_exact(usize::from(bits / 8)).map(sample).collect();
        let frames = samples.len() / usize::from(channels);
        Some(Sound {
            sample_rate,
            channels,
            bits,
            frames,
            milliseconds: milliseconds(frames, sample_rate),
            samples,
        })
    }
}

/// One sample; those of 8 bits have no sign.
fn sample(bytes: &[u8]) -> i32 {
    match bytes {
        [a] => i32::from(*a) - 128,
        [a, b] => i32::from(i16::from_le_bytes([*a, *b])),
        [a, b, c] => i32::from_le_bytes([0, *a, *b, *c]) >> 8,
        [a, b, c, d] => i32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}

fn milliseconds(frames: usize, sample_rate: u32) -> u64 {
    (frames as u64).saturating_mul(1000) / u64::from(sample_rate.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(samples: &[i16]) -> Vec<u8> {
        let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut bytes =
            b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data".to_vec();
        bytes.extend(u32::try_from(data.len()).expect("small").to_le_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn the_first_sample_that_differs_has_a_time() {
        let read = |samples: &[i16]| Sound::read(&wav(samples)).expect("a sound");
        let (left, right) = (read(&[0, 100, 0, -100]), read(&[0, 100, 7, 100]));
        assert_eq!((left.sample_rate, left.channels, left.bits, left.frames), (8000, 1, 16, 4));
        let sample = left.first_sample(&right).expect("they differ");
        assert_eq!((sample.frame, sample.left, sample.right), (2, 0, 7));
        assert_eq!((sample.differing, sample.peak_difference), (2, 200));
        assert_eq!(left.first_sample(&left), None);
        assert_eq!(left.wave().len(), 4);
    }

    #[test]
    fn a_hostile_wave_is_none_or_short() {
        let whole = wav(&[1, 2, 3, 4]);
        for at in 0..whole.len() {
            let _ = Sound::read(&whole[..at]);
            let mut bytes = whole.clone();
            bytes[at] = 0xff;
            if let Some(sound) = Sound::read(&bytes) {
                assert!(sound.samples.len() <= whole.len());
                let _ = sound.wave();
            }
        }
        assert_eq!(Sound::read(b"RIFF\0\0\0\0WAVE"), None);
    }
}
