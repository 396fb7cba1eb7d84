//! A clip as the bytes of a WAV file, which every engine reads.

use orket_runtime::prelude::*;

/// How long the header is.
const HEADER_BYTES: u32 = 44;

/// The file: a header, then the samples.
pub fn of(clip: &AudioClip) -> Vec<u8> {
    let samples = clip.pcm_s16le();
    let length = samples.len() as u32;
    let frame = u32::from(clip.channels) * 2;
    let mut file = Vec::with_capacity(HEADER_BYTES as usize + samples.len());
    file.extend(b"RIFF");
    file.extend(&(HEADER_BYTES - 8 + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(&16_u32.to_le_bytes());
    file.extend(&1_u16.to_le_bytes());
    file.extend(&clip.channels.to_le_bytes());
    file.extend(&clip.sample_rate.to_le_bytes());
    file.extend(&(clip.sample_rate * frame).to_le_bytes());
    file.extend(&(frame as u16).to_le_bytes());
    file.extend(&16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(&length.to_le_bytes());
    file.extend(samples);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_how_long_it_is() {
        let clip = AudioClip { sample_rate: 16_000, channels: 1, samples: vec![1, -1, 2] };
        let file = of(&clip);
        assert_eq!(file.len(), HEADER_BYTES as usize + 6);
        assert_eq!(file[4..8], 42_u32.to_le_bytes());
        assert_eq!(file[HEADER_BYTES as usize..], [1, 0, 255, 255, 2, 0]);
    }
}
