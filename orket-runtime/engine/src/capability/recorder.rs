//! `audio_input`: clips from a recorder that the operator names, or from a file.

use super::outside::Outside;
use super::program::{Bounds, Program};
use super::wav::{self, Sound};
use super::{Answered, Call, Reply, arguments, failure, unknown_operation};
use crate::clock::Budget;
use crate::store;
use orket_contract::code;
use orket_contract::limit::FRAME_BLOB_BYTES_MAX;
use serde::Deserialize;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// The longest clip, in milliseconds.
const RECORD_MS_MAX: u64 = 600_000;
/// What a recorder may take to start and end, besides the clip.
const SLACK: Duration = Duration::from_secs(5);

/// Where clips come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorder {
    /// A program that writes WAV, or 16-bit samples at 16 kHz, to its standard output; `{seconds}` in
    /// its arguments is the length that is asked for. It is ended when that has come.
    Program(Program),
    /// A WAV file: every call gives its beginning.
    File(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    max_ms: u64,
}

impl Recorder {
    pub(super) fn call(&self, call: &Call, budget: &mut Budget, outside: &mut Outside) -> Answered {
        if call.op != "record" {
            return Err(unknown_operation(call));
        }
        let Record { max_ms } = arguments(call)?;
        if !(1..=RECORD_MS_MAX).contains(&max_ms) {
            let message = format!("`record`: `max_ms` is 1 to {RECORD_MS_MAX}");
            return Err(failure(code::CAPABILITY_BAD_CALL, message));
        }
        let max = Duration::from_millis(max_ms);
        let bytes = outside.wait(budget, |cap, interrupt| self.bytes(max, cap, interrupt))?;
        let sound = wav::read(&bytes)
            .map_err(|why| failure(code::CAPABILITY_FAILED, format!("cannot read the recording: {why}")))?;
        Ok(clip(sound.at_most(max, FRAME_BLOB_BYTES_MAX)))
    }

    fn bytes(
        &self,
        max: Duration,
        cap: Duration,
        interrupt: &crate::kernel::Interrupt,
    ) -> Result<Vec<u8>, String> {
        match self {
            Self::Program(program) => {
                let seconds = max.as_millis().div_ceil(1000).to_string();
                let bounds =
                    Bounds { bytes_max: FRAME_BLOB_BYTES_MAX, wall_max: (max + SLACK).min(cap), cut: true };
                let fill = [("seconds", seconds.as_str())];
                program.run(&fill, Vec::new(), &bounds, interrupt).map_err(|error| error.to_string())
            }
            Self::File(path) => store::read_bounded(path, FRAME_BLOB_BYTES_MAX as u64)
                // Its path is the operator's own affair.
                .map_err(|_| "the file that stands for the recorder cannot be read".to_owned()),
        }
    }
}

/// The answer that a clip is.
pub(super) fn clip(sound: Sound) -> Reply {
    let Sound { sample_rate, channels, samples } = sound;
    Reply { value: json!({ "channels": channels, "sample_rate": sample_rate }), blob: samples }
}
