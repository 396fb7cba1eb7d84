//! Short sounds, synthesised with integers so that every machine makes the same.

/// Samples per second; one channel.
pub const SAMPLE_RATE: u32 = 8000;

/// What the sound is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chime {
    /// A key fact came out.
    Discovery,
    /// The case is closed, with the right person.
    Won,
    /// The case is closed, or lost, without.
    Lost,
}

/// One period of a sine, 16 steps, amplitude 12 000.
const SINE: [i16; 16] =
    [0, 4592, 8485, 11087, 12000, 11087, 8485, 4592, 0, -4592, -8485, -11087, -12000, -11087, -8485, -4592];
/// 62.5 ms a tone.
const TONE_SAMPLES: u32 = 500;

impl Chime {
    /// Its tones in hertz, one after the other.
    fn tones(self) -> &'static [u32] {
        match self {
            Self::Discovery => &[880, 1320],
            Self::Won => &[660, 880, 1320],
            Self::Lost => &[440, 330, 220],
        }
    }

    /// The sound as signed 16-bit samples, at most 0.2 seconds.
    pub fn samples(self) -> Vec<i16> {
        self.tones().iter().flat_map(|hertz| tone(*hertz)).collect()
    }
}

/// A tone that fades out evenly.
fn tone(hertz: u32) -> impl Iterator<Item = i16> {
    (0..TONE_SAMPLES).map(move |at| {
        let step = at * hertz * 16 / SAMPLE_RATE % 16;
        let loud = i32::from(SINE[step as usize]);
        let left = (TONE_SAMPLES - at) as i32;
        i16::try_from(loud * left / TONE_SAMPLES as i32).expect("quieter than the table")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chimes_are_short_and_always_the_same() {
        for chime in [Chime::Discovery, Chime::Won, Chime::Lost] {
            let samples = chime.samples();
            assert!(samples.len() <= SAMPLE_RATE as usize / 5);
            assert!(samples.iter().any(|s| *s != 0));
            assert_eq!(samples, chime.samples());
        }
    }
}
