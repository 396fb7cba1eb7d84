//! Reads sound that other programs write: WAV files, also those whose length nobody knew in advance.
//!
//! Invariant: nothing is allocated by a length that the file announces; a sample is two bytes,
//! little-endian, and there is a whole number of moments.

use std::time::Duration;

/// What sound without a header is taken for: 16-bit, this many moments a second, one channel.
pub const RAW_RATE: u32 = 16_000;

/// Sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Moments a second.
    pub sample_rate: u32,
    /// Channels side by side.
    pub channels: u16,
    /// The samples: 16-bit, little-endian.
    pub samples: Vec<u8>,
}

impl Sound {
    /// How long it sounds.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let moments = self.samples.len() as u64 / (2 * u64::from(self.channels.max(1)));
        Duration::from_millis(moments.saturating_mul(1000) / u64::from(self.sample_rate.max(1)))
    }

    /// Leaves out what is longer than `max`, or has more than `bytes_max` bytes.
    #[must_use]
    pub fn at_most(mut self, max: Duration, bytes_max: usize) -> Self {
        let moment = 2 * usize::from(self.channels.max(1));
        let moments = max.as_millis().saturating_mul(u128::from(self.sample_rate)) / 1000;
        let bytes = usize::try_from(moments).unwrap_or(usize::MAX).saturating_mul(moment).min(bytes_max);
        self.samples.truncate(bytes - bytes % moment);
        self
    }
}

/// Reads a WAV file, or 16-bit samples without a header.
///
/// # Errors
/// What is wrong with it, in words for people.
pub fn read(bytes: &[u8]) -> Result<Sound, String> {
    if !bytes.starts_with(b"RIFF") {
        return whole(RAW_RATE, 1, bytes);
    }
    if bytes.get(8..12) != Some(b"WAVE") {
        return Err("it is a RIFF file and no WAV".to_owned());
    }
    let mut rest = &bytes[12..];
    let mut format = None;
    while let Some((name, length, content)) = chunk(rest) {
        match name {
            b"fmt " => format = Some(self::format(content.get(..length).ok_or("its format is cut off")?)?),
            b"data" => {
                let (rate, channels) = format.ok_or("its samples come before their format")?;
                // A stream announces more than there is.
                return whole(rate, channels, &content[..length.min(content.len())]);
            }
            _ => {}
        }
        rest = content.get(length + length % 2..).unwrap_or_default();
    }
    Err("it has no samples".to_owned())
}

/// The name of the next chunk, its length and what follows.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], usize, &[u8])> {
    let (name, rest) = bytes.split_first_chunk::<4>()?;
    let (length, content) = rest.split_first_chunk::<4>()?;
    Some((name, u32::from_le_bytes(*length) as usize, content))
}

/// Rate and channels of 16-bit PCM.
fn format(content: &[u8]) -> Result<(u32, u16), String> {
    let word = |at: usize| content.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let rate = content.get(4..8).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
    let (Some(kind), Some(channels), Some(rate), Some(bits)) = (word(0), word(2), rate, word(14)) else {
        return Err("its format is cut off".to_owned());
    };
    // 0xfffe stands for "see further below", which for 16 bits says nothing new.
    if !matches!(kind, 1 | 0xfffe) || bits != 16 {
        return Err(format!("it has format {kind} with {bits} bits; 16-bit PCM is read"));
    }
    if !(1..=8).contains(&channels) || !(1_000..=192_000).contains(&rate) {
        return Err(format!("it has {channels} channels of {rate} samples a second"));
    }
    Ok((rate, channels))
}

fn whole(sample_rate: u32, channels: u16, samples: &[u8]) -> Result<Sound, String> {
    let whole = samples.len() - samples.len() % (2 * usize::from(channels));
    Ok(Sound { sample_rate, channels, samples: samples[..whole].to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WAV file whose header announces so many bytes of samples.
    fn file(announced: u32, bits: u16, samples: &[u8]) -> Vec<u8> {
        let mut bytes = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x02\0".to_vec();
        bytes.extend(8_000u32.to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(bits.to_le_bytes());
        bytes.extend(b"LIST\x03\0\0\0abc\0data");
        bytes.extend(announced.to_le_bytes());
        bytes.extend(samples);
        bytes
    }

    #[test]
    fn a_stream_without_a_length_is_read_as_far_as_it_goes() {
        for announced in [8, 0x7fff_ffff, u32::MAX] {
            let sound = read(&file(announced, 16, &[1, 0, 2, 0, 3, 0, 4, 0])).expect("sound");
            assert_eq!(
                (sound.sample_rate, sound.channels, sound.samples.len()),
                (8_000, 2, 8),
                "{announced}"
            );
        }
        assert_eq!(
            read(&file(8, 16, &[1, 0, 2, 0, 3])).expect("sound").samples,
            [1, 0, 2, 0],
            "no half moments"
        );
        assert_eq!(read(&[1, 0, 2]).expect("raw").samples, [1, 0]);
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        let whole = file(4, 16, &[0; 4]);
        assert!(read(&file(4, 24, &[0; 4])).expect_err("24 bits").contains("24 bits"));
        assert!(read(b"RIFF\0\0\0\0AVI ").is_err());
        for cut in 12..whole.len() - 4 {
            assert!(read(&whole[..cut]).is_err() || whole[..cut].ends_with(&4u32.to_le_bytes()), "{cut}");
        }
    }

    #[test]
    fn sound_is_cut_at_whole_moments() {
        let sound = Sound { sample_rate: 1_000, channels: 2, samples: vec![0; 4_000] };
        assert_eq!(sound.duration(), Duration::from_secs(1));
        assert_eq!(sound.clone().at_most(Duration::from_millis(10), 1 << 20).samples.len(), 40);
        assert_eq!(sound.at_most(Duration::from_secs(9), 1_001).samples.len(), 1_000);
    }
}
