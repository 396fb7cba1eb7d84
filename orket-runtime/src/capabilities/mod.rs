//! Named powers: typed handles for authors, and the interfaces that providers implement.
//!
//! ```
//! use orket_runtime::prelude::*;
//! fn ask(ctx: &mut WorkloadContext) -> Result<Option<String>> {
//!     ctx.capabilities.console()?.read_line("Your name? ")
//! }
//! ```
//!
//! Invariants: a workload reaches a capability only through [`Capabilities`], which holds nothing
//! but what was declared and admitted; the host checks every call again.

mod audio;
mod clock;
mod console;
mod handle;
mod kv;
mod memory;
mod model;
mod network;
mod random;
mod registry;
mod screen;
mod speech;
mod turn;

pub use audio::{AudioClip, AudioInput, AudioOutput};
pub use clock::{Clock, Timestamp};
pub use console::Console;
pub use kv::Kv;
pub use memory::{MemoryQuery, MemoryRecord, MemoryWriter, Scope};
pub use model::{Generation, Model, ModelStream, Prompt, Usage};
pub use network::{Connection, Network};
pub use orket_contract::capability::CapabilityId;
pub use random::{RandomStream, Rng};
pub use registry::{CapabilityRegistry, Duplicate, Missing};
pub use screen::{Panel, Screen, ScreenSize};
pub use speech::{Delivery, Transcriber, Transcription, Tts, VoiceInfo};
pub use turn::{TurnControl, TurnState};

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use orket_contract::{code, suggest};
use serde_json::{Map, Value};

use crate::result::{Error, Result};
use handle::Handle;

/// One capability as its provider implements it: operations by name, with JSON in and out.
///
/// The handles of this module are the typed side of it; their documentation names operations,
/// arguments and answers.
///
/// ```
/// use orket_runtime::capabilities::{Answer, Capability};
/// use orket_runtime::{Error, Result};
/// use serde_json::{Map, Value};
///
/// struct Deaf;
/// impl Capability for Deaf {
///     fn call(&self, op: &str, _args: Map<String, Value>, _attachment: &[u8]) -> Result<Answer> {
///         match op {
///             "write" | "read_line" => Ok(Answer::from(Value::Null)),
///             _ => Err(Error::new("capability.bad-call", format!("`{op}` is not an operation"))),
///         }
///     }
/// }
/// assert!(Deaf.call("sing", Map::new(), &[]).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no capability",
    label = "this does not answer calls",
    note = "implement `orket_runtime::capabilities::Capability`, which answers operations by their names"
)]
pub trait Capability {
    /// Carries out one operation.
    ///
    /// ```
    /// # use orket_runtime::capabilities::{Answer, Capability, CapabilityId, CapabilityProvider};
    /// # use serde_json::Map;
    /// fn hush(speaker: &dyn Capability) -> orket_runtime::Result<Answer> {
    ///     speaker.call("stop", Map::new(), &[])
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` for an unknown operation or wrong arguments, else what went wrong.
    fn call(&self, op: &str, args: Map<String, Value>, attachment: &[u8]) -> Result<Answer>;
}

/// What an operation gives back.
///
/// ```
/// let answer = orket_runtime::capabilities::Answer::from(serde_json::json!("a line"));
/// assert!(answer.attachment.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// Bytes that travel beside it, such as the samples of a clip.
    pub attachment: Vec<u8>,
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self { value, attachment: Vec::new() }
    }
}

/// Whoever offers capabilities: the host's side of the stream, or fakes in a test.
///
/// ```
/// use orket_runtime::capabilities::{Answer, Capability, CapabilityId, CapabilityProvider};
/// use serde_json::{Map, Value};
/// use std::rc::Rc;
///
/// struct Silence;
/// impl Capability for Silence {
///     fn call(&self, _: &str, _: Map<String, Value>, _: &[u8]) -> orket_runtime::Result<Answer> {
///         Ok(Answer::from(Value::Null))
///     }
/// }
/// struct Silent;
/// impl CapabilityProvider for Silent {
///     fn provides(&self) -> Vec<CapabilityId> {
///         CapabilityId::new("audio_output").into_iter().collect()
///     }
///     fn get(&self, id: &CapabilityId) -> Option<Rc<dyn Capability>> {
///         (id.as_str() == "audio_output").then(|| Rc::new(Silence) as Rc<dyn Capability>)
///     }
/// }
/// assert_eq!(Silent.provides().len(), 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` provides no capabilities",
    label = "this is no provider",
    note = "in tests `orket_runtime::testing::FakeCapabilities` is one; else implement `CapabilityProvider`"
)]
pub trait CapabilityProvider {
    /// The names of what it offers.
    ///
    /// ```
    /// # use orket_runtime::capabilities::{Answer, Capability, CapabilityId, CapabilityProvider};
    /// fn offers(provider: &dyn CapabilityProvider, name: &str) -> bool {
    ///     provider.provides().iter().any(|id| id.as_str() == name)
    /// }
    /// ```
    fn provides(&self) -> Vec<CapabilityId>;

    /// The capability of that name, if it is offered.
    ///
    /// ```
    /// # use orket_runtime::capabilities::{Answer, Capability, CapabilityId, CapabilityProvider};
    /// fn speaker(provider: &dyn CapabilityProvider) -> bool {
    ///     CapabilityId::new("audio_output").and_then(|id| provider.get(&id)).is_some()
    /// }
    /// ```
    fn get(&self, id: &CapabilityId) -> Option<Rc<dyn Capability>>;
}

/// The capabilities of a run: those that were declared and admitted, and no others.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn ask(ctx: &mut WorkloadContext) -> Result<Option<String>> {
///     ctx.capabilities.console()?.read_line("Your name? ")
/// }
/// ```
#[derive(Clone)]
pub struct Capabilities {
    held: BTreeMap<CapabilityId, Rc<dyn Capability>>,
}

impl Capabilities {
    pub(crate) fn holding(held: BTreeMap<CapabilityId, Rc<dyn Capability>>) -> Self {
        Self { held }
    }

    /// The names of what is held, sorted.
    ///
    /// ```
    /// use orket_runtime::capabilities::CapabilityRegistry;
    /// let none = CapabilityRegistry::new().resolve(&[]).unwrap();
    /// assert_eq!(none.ids().count(), 0);
    /// ```
    pub fn ids(&self) -> impl Iterator<Item = &CapabilityId> {
        self.held.keys()
    }

    /// Text to and from a person or a script.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// fn greet(ctx: &mut WorkloadContext) -> Result<()> {
    ///     ctx.capabilities.console()?.write_line("hello")
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `console` was not declared and admitted.
    #[track_caller]
    pub fn console(&self) -> Result<Console> {
        self.handle("console").map(Console::over)
    }

    /// Virtual time.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Timestamp, prelude::*};
    /// fn stamp(ctx: &mut WorkloadContext) -> Result<Timestamp> {
    ///     ctx.capabilities.clock()?.now()
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `clock` was not declared and admitted.
    #[track_caller]
    pub fn clock(&self) -> Result<Clock> {
        self.handle("clock").map(Clock::over)
    }

    /// Random streams by name, from the seed.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// fn die(ctx: &mut WorkloadContext) -> Result<u64> {
    ///     Ok(ctx.capabilities.rng()?.stream("dice")?.range(1..7))
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `rng` was not declared and admitted.
    #[track_caller]
    pub fn rng(&self) -> Result<Rng> {
        self.handle("rng").map(Rng::over)
    }

    /// Versioned values under namespaced keys.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// fn remember(ctx: &mut WorkloadContext, name: &str) -> Result<u64> {
    ///     ctx.capabilities.kv()?.put("players", "last", &json!(name), None)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `kv` was not declared and admitted.
    #[track_caller]
    pub fn kv(&self) -> Result<Kv> {
        self.handle("kv").map(Kv::over)
    }

    /// Plays clips.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// fn chime(ctx: &mut WorkloadContext, clip: &AudioClip) -> Result<()> {
    ///     ctx.capabilities.audio_output()?.play(clip, true)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `audio_output` was not declared and admitted.
    #[track_caller]
    pub fn audio_output(&self) -> Result<AudioOutput> {
        self.handle("audio_output").map(AudioOutput::over)
    }

    /// Records clips.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// fn hear(ctx: &mut WorkloadContext) -> Result<AudioClip> {
    ///     ctx.capabilities.audio_input()?.record(std::time::Duration::from_secs(3))
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `audio_input` was not declared and admitted.
    #[track_caller]
    pub fn audio_input(&self) -> Result<AudioInput> {
        self.handle("audio_input").map(AudioInput::over)
    }

    /// Speech from text.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Delivery, prelude::*};
    /// fn say(ctx: &mut WorkloadContext, text: &str) -> Result<AudioClip> {
    ///     ctx.capabilities.tts()?.synthesize(text, &Delivery::default())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `tts.speak` was not declared and admitted.
    #[track_caller]
    pub fn tts(&self) -> Result<Tts> {
        self.handle("tts.speak").map(Tts::over)
    }

    /// Text from speech.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// fn understand(ctx: &mut WorkloadContext, wav: &[u8]) -> Result<String> {
    ///     Ok(ctx.capabilities.transcriber()?.transcribe(wav, "audio/wav", None)?.text)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `speech.transcribe` was not declared and admitted.
    #[track_caller]
    pub fn transcriber(&self) -> Result<Transcriber> {
        self.handle("speech.transcribe").map(Transcriber::over)
    }

    /// Who speaks when.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// fn listen(ctx: &mut WorkloadContext) -> Result<()> {
    ///     ctx.capabilities.turn_control()?.start(std::time::Duration::from_secs(2)).map(|_| ())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `voice.turn_control` was not declared and admitted.
    #[track_caller]
    pub fn turn_control(&self) -> Result<TurnControl> {
        self.handle("voice.turn_control").map(TurnControl::over)
    }

    /// Panels of text on a screen.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Panel, prelude::*};
    /// fn draw(ctx: &mut WorkloadContext) -> Result<()> {
    ///     ctx.capabilities.screen()?.render(&[Panel::new("Map", "door")])
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `screen.render` was not declared and admitted.
    #[track_caller]
    pub fn screen(&self) -> Result<Screen> {
        self.handle("screen.render").map(Screen::over)
    }

    /// Searches what was remembered.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Scope, prelude::*};
    /// fn knows(ctx: &mut WorkloadContext) -> Result<bool> {
    ///     Ok(!ctx.capabilities.memory_query()?.query(Scope::Profile, "name", 1)?.is_empty())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `memory.query` was not declared and admitted.
    #[track_caller]
    pub fn memory_query(&self) -> Result<MemoryQuery> {
        self.handle("memory.query").map(MemoryQuery::over)
    }

    /// Remembers.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Scope, prelude::*};
    /// fn note(ctx: &mut WorkloadContext, name: &str) -> Result<bool> {
    ///     ctx.capabilities.memory_writer()?.write(Scope::Profile, "name", name, &Value::Null)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `memory.write` was not declared and admitted.
    #[track_caller]
    pub fn memory_writer(&self) -> Result<MemoryWriter> {
        self.handle("memory.write").map(MemoryWriter::over)
    }

    /// Text from a language model.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Prompt, prelude::*};
    /// fn ask(ctx: &mut WorkloadContext) -> Result<String> {
    ///     Ok(ctx.capabilities.model()?.generate(&Prompt::new("Why?"))?.text)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `model.generate` was not declared and admitted.
    #[track_caller]
    pub fn model(&self) -> Result<Model> {
        self.handle("model.generate").map(Model::over)
    }

    /// Connections to hosts of the network.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Connection, prelude::*};
    /// fn dial(ctx: &mut WorkloadContext) -> Result<Connection> {
    ///     ctx.capabilities.network()?.connect("api.example.com:443")
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.undeclared` when `network.connect` was not declared and admitted.
    #[track_caller]
    pub fn network(&self) -> Result<Network> {
        self.handle("network.connect").map(Network::over)
    }

    #[track_caller]
    fn handle(&self, name: &'static str) -> Result<Handle> {
        let held = CapabilityId::new(name).and_then(|id| self.held.get(&id).cloned());
        match held {
            Some(capability) => Ok(Handle::new(name, capability)),
            None => Err(Error::new(code::CAPABILITY_UNDECLARED, self.undeclared(name))),
        }
    }

    fn undeclared(&self, name: &str) -> String {
        let held = self.held.keys().map(CapabilityId::as_str);
        let near = suggest::nearest(name, held).map(|near| format!(" (`{near}` is)")).unwrap_or_default();
        format!(
            "`{name}` is not declared{near}: add it to `capabilities = [..]` of the extension or workload"
        )
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.held.keys().map(CapabilityId::as_str)).finish()
    }
}
