//! `audio_output`: every clip becomes a WAV file of the run, and is played where a player is named.

use super::outside::Outside;
use super::program::{Program, Running};
use super::{Call, Reply, arguments, failure, none, unknown_operation};
use crate::clock::Budget;
use orket_contract::code;
use orket_contract::protocol::Failure;
use serde::Deserialize;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The most clips of one run.
const CLIPS_MAX: u32 = 10_000;
/// What a player may take to start and end, besides the clip.
const SLACK: Duration = Duration::from_secs(10);

/// Where clips go.
#[derive(Debug)]
pub(crate) struct Speaker {
    dir: PathBuf,
    player: Option<Program>,
    clips: u32,
    bytes_left: u64,
    playing: Option<Playing>,
}

/// A clip that sounds, and when it must have ended.
#[derive(Debug)]
struct Playing {
    player: Running,
    deadline: Instant,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Play {
    sample_rate: u32,
    channels: u16,
    blocking: bool,
}

impl Speaker {
    /// Clips are written below `dir`, at most `bytes_max` bytes of them; `player` plays a WAV file from
    /// its standard input.
    #[must_use]
    pub(crate) fn new(dir: PathBuf, player: Option<Program>, bytes_max: u64) -> Self {
        Self { dir, player, clips: 0, bytes_left: bytes_max, playing: None }
    }

    pub(super) fn call(
        &mut self,
        call: &Call,
        budget: &mut Budget,
        outside: &mut Outside,
    ) -> Result<Reply, Failure> {
        match call.op.as_str() {
            "play" => {
                let play: Play = arguments(call)?;
                let wav = wav(&play, &call.blob)?;
                self.play(&play, &wav, budget, outside)?;
                // Last, because a call that failed leaves nothing, here and when it is replayed.
                self.keep(&wav).map_err(|error| failed("keep", &error))?;
                Ok(Reply::default())
            }
            "stop" => {
                none(call)?;
                self.stop();
                Ok(Reply::default())
            }
            _ => Err(unknown_operation(call)),
        }
    }

    /// Keeps the clip of a call that is replayed, without playing it.
    pub(super) fn repeat(&mut self, call: &Call) -> Result<(), Failure> {
        if call.op != "play" {
            return Ok(());
        }
        let wav = wav(&arguments(call)?, &call.blob)?;
        self.keep(&wav).map_err(|error| failed("keep", &error))
    }

    fn keep(&mut self, wav: &[u8]) -> io::Result<()> {
        if self.clips == CLIPS_MAX {
            return Err(io::Error::other(format!("a run has at most {CLIPS_MAX} clips")));
        }
        let left = self.bytes_left.checked_sub(wav.len() as u64);
        self.bytes_left =
            left.ok_or_else(|| io::Error::other("the clips of the run are too large together"))?;
        self.clips += 1;
        std::fs::create_dir_all(&self.dir)?;
        std::fs::write(self.dir.join(format!("clip-{:04}.wav", self.clips)), wav)
    }

    fn play(
        &mut self,
        play: &Play,
        wav: &[u8],
        budget: &mut Budget,
        outside: &mut Outside,
    ) -> Result<(), Failure> {
        self.stop();
        let Some(player) = &self.player else { return Ok(()) };
        let started = player.start(&[], wav.to_vec(), Stdio::null(), outside.interrupt());
        let mut player = started.map_err(|error| failed("play", &error))?;
        let bytes_a_second = 2 * u64::from(play.sample_rate) * u64::from(play.channels);
        let sounds = Duration::from_millis(wav.len() as u64 * 1000 / bytes_a_second) + SLACK;
        if !play.blocking {
            self.playing = Some(Playing { player, deadline: Instant::now() + sounds });
            return Ok(());
        }
        outside.wait(budget, |cap, _| {
            // A player that does not end with the clip is ended: it was heard.
            player.ends_by(Instant::now() + sounds.min(cap));
            Ok(())
        })
    }

    fn stop(&mut self) {
        // Dropping it ends it.
        self.playing = None;
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        if let Some(Playing { player, deadline }) = &mut self.playing {
            // The last clip plays to its end.
            player.ends_by(*deadline);
        }
    }
}

fn failed(what: &str, error: &io::Error) -> Failure {
    failure(code::CAPABILITY_FAILED, format!("cannot {what} the clip: {error}"))
}

/// A WAV file of 16-bit little-endian samples.
fn wav(play: &Play, samples: &[u8]) -> Result<Vec<u8>, Failure> {
    let wrong = |what: &str| failure(code::CAPABILITY_BAD_CALL, format!("`play` of `audio_output`: {what}"));
    if !(1..=8).contains(&play.channels) || !(1_000..=192_000).contains(&play.sample_rate) {
        return Err(wrong("a clip has 1 to 8 channels and 1000 to 192000 samples a second"));
    }
    if !samples.len().is_multiple_of(2 * usize::from(play.channels)) {
        return Err(wrong("the attachment is not a whole number of 16-bit samples for each channel"));
    }
    let spec = hound::WavSpec {
        channels: play.channels,
        sample_rate: play.sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = io::Cursor::new(Vec::new());
    let written = hound::WavWriter::new(&mut file, spec).and_then(|mut writer| {
        for sample in samples.chunks_exact(2) {
            writer.write_sample(i16::from_le_bytes([sample[0], sample[1]]))?;
        }
        writer.finalize()
    });
    written.map_err(|error| wrong(&error.to_string()))?;
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(channels: u16, samples: &[u8]) -> Result<Vec<u8>, String> {
        wav(&Play { sample_rate: 8_000, channels, blocking: true }, samples).map_err(|failure| failure.code)
    }

    #[test]
    fn a_clip_that_failed_is_not_kept_and_all_of_them_have_a_limit() {
        let dir = tempfile::tempdir().expect("temp dir");
        let args = serde_json::json!({ "sample_rate": 8000, "channels": 1, "blocking": true });
        let call = Call {
            capability: "audio_output".into(),
            op: "play".into(),
            args: args.as_object().cloned().unwrap_or_default(),
            blob: vec![0; 100],
        };
        let played = |speaker: &mut Speaker| {
            let mut budget = Budget::of(Duration::from_secs(60));
            let mut outside = Outside::new(Duration::from_secs(60), crate::kernel::Interrupt::default());
            speaker.call(&call, &mut budget, &mut outside).map_err(|failure| failure.code)
        };
        let nothing = Program::new(vec!["/nonexistent/player".to_owned()]);
        let mut speaker = Speaker::new(dir.path().join("audio"), nothing, 1000);
        assert_eq!(played(&mut speaker), Err(code::CAPABILITY_FAILED.to_owned()));
        assert!(!dir.path().join("audio").exists());
        let mut speaker = Speaker::new(dir.path().join("audio"), None, 200);
        assert_eq!(played(&mut speaker), Ok(Reply::default()));
        assert_eq!(played(&mut speaker), Err(code::CAPABILITY_FAILED.to_owned()));
        assert_eq!(std::fs::read_dir(dir.path().join("audio")).expect("the folder").count(), 1);
    }

    #[test]
    fn clips_are_wav_files() {
        let file = play(1, &[1, 0, 255, 255]).expect("wav");
        assert_eq!((&file[..4], &file[8..12], file.len()), (&b"RIFF"[..], &b"WAVE"[..], 48));
        assert_eq!(file[44..], [1, 0, 255, 255]);
        assert_eq!(play(1, &[1]), Err(code::CAPABILITY_BAD_CALL.to_owned()));
        assert_eq!(play(0, &[]), Err(code::CAPABILITY_BAD_CALL.to_owned()));
    }
}
