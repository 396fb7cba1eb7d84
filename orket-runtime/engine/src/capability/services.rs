//! What the operator provides for capabilities that the host cannot answer by itself.

use super::outside::Outside;
use super::program::Program;
use super::recorder::Recorder;
use super::transcriber::Transcriber;
use super::voice::Voice;
use super::{Answered, Call, Generator, Model, failure};
use crate::clock::Budget;
use orket_contract::capability::{Provider, find};
use orket_contract::code;

/// The services of the operator. Nothing is started or opened before a call needs it.
#[derive(Debug, Clone, Default)]
pub struct Services {
    /// `model.generate`.
    pub model: Option<Model>,
    /// What plays the clips of `audio_output`: it reads WAV from its standard input. Without, clips
    /// are only kept.
    pub player: Option<Program>,
    /// `audio_input`.
    pub recorder: Option<Recorder>,
    /// `speech.transcribe`.
    pub transcriber: Option<Transcriber>,
    /// `tts.speak`.
    pub voice: Option<Voice>,
}

impl Services {
    /// Whether this host can answer calls of a capability.
    #[must_use]
    pub fn provide(&self, capability: &str) -> bool {
        match capability {
            "audio_input" => self.recorder.is_some(),
            "model.generate" => self.model.is_some(),
            "speech.transcribe" => self.transcriber.is_some(),
            "tts.speak" => self.voice.is_some(),
            other => find(other).is_some_and(|known| known.provider == Provider::Host),
        }
    }
}

/// The services while a run uses them.
pub(crate) struct Serving {
    generator: Option<Generator>,
    recorder: Option<Recorder>,
    transcriber: Option<Transcriber>,
    voice: Option<Voice>,
}

impl Serving {
    pub(crate) fn of(services: &Services) -> Self {
        Self {
            generator: services.model.clone().map(Generator::new),
            recorder: services.recorder.clone(),
            transcriber: services.transcriber.clone(),
            voice: services.voice.clone(),
        }
    }

    pub(super) fn call(&mut self, call: &Call, budget: &mut Budget, outside: &mut Outside) -> Answered {
        let answered = match call.capability.as_str() {
            "audio_input" => self.recorder.as_ref().map(|recorder| recorder.call(call, budget, outside)),
            "model.generate" => self.generator.as_mut().map(|model| model.call(call, budget, outside)),
            "speech.transcribe" => {
                self.transcriber.as_mut().map(|transcriber| transcriber.call(call, budget, outside))
            }
            "tts.speak" => self.voice.as_ref().map(|voice| voice.call(call, budget, outside)),
            _ => None,
        };
        answered.unwrap_or_else(|| {
            let message = format!("`{}` has no provider on this host", call.capability);
            Err(failure(code::CAPABILITY_UNAVAILABLE, message))
        })
    }
}
