//! Capabilities in memory, as an author sets them up and asks them afterwards.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use orket_contract::memory::Memory;
use orket_contract::protocol::Level;
use serde_json::{Map, Value};

use super::world::{Answering, Call, PROVIDED, Setting, World, portable};
use crate::ambient;
use crate::capabilities::{
    Answer, AudioClip, Capability, CapabilityId, CapabilityProvider, Generation, Panel, Prompt, Timestamp,
    Usage,
};
use crate::result::Result;

/// 2000-01-01T00:00:00Z, where the virtual clock of a run starts.
const CLOCK_START: Duration = Duration::from_secs(946_684_800);
/// Capabilities in memory: a console that reads a script, a virtual clock, random streams, a `kv`
/// store, memory, turns, a screen and an audio output that only keep what they are given, and a model,
/// a recorder, a voice and a transcriber that answer what the test sets up.
///
/// They answer as the host does: equal seeds give equal streams here and there.
///
/// ```
/// use orket_runtime::prelude::*;
/// use orket_runtime::testing::{FakeCapabilities, run};
///
/// #[orket_runtime::extension(id = "hello.world", capabilities = ["console"])]
/// pub mod hello {
///     use super::*;
///     #[workload(id = "hello_v1")]
///     pub fn hello_v1(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
///         let console = ctx.capabilities.console()?;
///         let name = console.read_line("Your name? ")?.unwrap_or_default();
///         console.write_line(&format!("Hello, {name}!"))?;
///         WorkloadResult::ok(json!({ "name": name }))
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let fakes = FakeCapabilities::new().with_script(["Ada"]);
/// let outcome = run(hello::register, "hello_v1", json!({}), &fakes)?;
/// assert_eq!(outcome.result.output["name"], "Ada");
/// assert_eq!(fakes.console_text(), "Your name? Ada\nHello, Ada!\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FakeCapabilities {
    setting: Setting,
    world: Rc<RefCell<World>>,
}

impl Default for FakeCapabilities {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeCapabilities {
    /// Seed 0, an empty script, an empty `kv`, a clock at 2000-01-01, materials in the package.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert_eq!(FakeCapabilities::new().console_text(), "");
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::starting(Setting {
            seed: 0,
            script: Vec::new(),
            kv: BTreeMap::new(),
            clock_start: CLOCK_START,
            workspace: PathBuf::from("."),
            memory: Memory::default(),
            answers: Vec::new(),
            recordings: Vec::new(),
            transcripts: Vec::new(),
            peers: BTreeMap::new(),
        })
    }

    pub(super) fn starting(setting: Setting) -> Self {
        let world = Rc::new(RefCell::new(World::at_start_of(&setting)));
        Self { setting, world }
    }

    pub(super) fn setting(&self) -> &Setting {
        &self.setting
    }

    /// The lines that the console reads; then its input ends.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// let fakes = FakeCapabilities::new().with_script(["look", "quit"]);
    /// ```
    #[must_use]
    pub fn with_script<S: Into<String>>(mut self, lines: impl IntoIterator<Item = S>) -> Self {
        self.setting.script = lines.into_iter().map(Into::into).collect();
        Self::starting(self.setting)
    }

    /// The seed of context and random streams.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// let fakes = FakeCapabilities::new().with_seed(7);
    /// ```
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.setting.seed = seed;
        Self::starting(self.setting)
    }

    /// A value that is in `kv` from the start, at version 1.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// let fakes = FakeCapabilities::new().with_kv("players", "last", serde_json::json!("Ada"));
    /// assert_eq!(fakes.kv_value("players", "last"), Some(serde_json::json!("Ada")));
    /// ```
    #[must_use]
    pub fn with_kv(mut self, namespace: &str, key: &str, value: Value) -> Self {
        self.setting.kv.insert((namespace.to_owned(), key.to_owned()), (value, 1));
        Self::starting(self.setting)
    }

    /// The time at which the virtual clock starts.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Timestamp, testing::FakeCapabilities};
    /// let midnight = Timestamp::after_epoch(std::time::Duration::from_secs(86_400));
    /// let fakes = FakeCapabilities::new().with_clock_start(midnight);
    /// ```
    #[must_use]
    pub fn with_clock_start(mut self, start: Timestamp) -> Self {
        self.setting.clock_start = start.since_epoch();
        Self::starting(self.setting)
    }

    /// The folder of the materials, where it is not the package itself.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// let fakes = FakeCapabilities::new().with_workspace("tests/materials");
    /// ```
    #[must_use]
    pub fn with_workspace(mut self, folder: impl AsRef<Path>) -> Self {
        self.setting.workspace = folder.as_ref().to_owned();
        Self::starting(self.setting)
    }

    /// What a model answers, in order; a stream gives it word by word.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// let fakes = FakeCapabilities::new().with_model_answers(["Blue.", "Because it is."]);
    /// ```
    #[must_use]
    pub fn with_model_answers<S: Into<String>>(mut self, texts: impl IntoIterator<Item = S>) -> Self {
        let answer =
            |text: S| Generation { text: text.into(), model: "fake".to_owned(), usage: Usage::default() };
        self.setting.answers = texts.into_iter().map(answer).collect();
        Self::starting(self.setting)
    }

    /// What the recorder hears, in order.
    ///
    /// ```
    /// use orket_runtime::{capabilities::AudioClip, testing::FakeCapabilities};
    /// let silence = AudioClip { sample_rate: 8000, channels: 1, samples: vec![0; 800] };
    /// let fakes = FakeCapabilities::new().with_recordings([silence]);
    /// ```
    #[must_use]
    pub fn with_recordings(mut self, clips: impl IntoIterator<Item = AudioClip>) -> Self {
        self.setting.recordings = clips.into_iter().collect();
        Self::starting(self.setting)
    }

    /// What the transcriber understands, in order.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// let fakes = FakeCapabilities::new().with_transcripts(["open the door"]);
    /// ```
    #[must_use]
    pub fn with_transcripts<S: Into<String>>(mut self, texts: impl IntoIterator<Item = S>) -> Self {
        self.setting.transcripts = texts.into_iter().map(Into::into).collect();
        Self::starting(self.setting)
    }

    /// Something that is remembered of the profile from the start.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// let fakes = FakeCapabilities::new().with_memory("name", "Ada");
    /// assert_eq!(fakes.memory_value("name").as_deref(), Some("Ada"));
    /// ```
    #[must_use]
    pub fn with_memory(mut self, key: &str, value: &str) -> Self {
        let args = serde_json::json!({ "scope": "profile_memory", "key": key, "value": value });
        let args = args.as_object().cloned().unwrap_or_default();
        // One that the host would not remember is not there.
        let _ = self.setting.memory.call("memory.write", "write", &args);
        Self::starting(self.setting)
    }

    /// What a model was asked.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert!(FakeCapabilities::new().prompts().is_empty());
    /// ```
    #[must_use]
    pub fn prompts(&self) -> Vec<Prompt> {
        self.world().prompts.clone()
    }

    /// The texts that were spoken.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert!(FakeCapabilities::new().spoken().is_empty());
    /// ```
    #[must_use]
    pub fn spoken(&self) -> Vec<String> {
        self.world().spoken.clone()
    }

    /// What the screen shows.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert!(FakeCapabilities::new().panels().is_empty());
    /// ```
    #[must_use]
    pub fn panels(&self) -> Vec<Panel> {
        self.world().panels.clone()
    }

    /// What is remembered of the profile under a key now.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert_eq!(FakeCapabilities::new().memory_value("name"), None);
    /// ```
    #[must_use]
    pub fn memory_value(&self, key: &str) -> Option<String> {
        self.world().memory.profile.get(key).map(|entry| entry.value.clone())
    }

    /// What the console shows: text, prompts and the lines of the script where they were read.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert!(FakeCapabilities::new().console_text().is_empty());
    /// ```
    #[must_use]
    pub fn console_text(&self) -> String {
        self.world().console.clone()
    }

    /// The clips that were played.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert!(FakeCapabilities::new().clips().is_empty());
    /// ```
    #[must_use]
    pub fn clips(&self) -> Vec<AudioClip> {
        self.world().clips.clone()
    }

    /// The observations that were put on record, by name.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert!(FakeCapabilities::new().traces().is_empty());
    /// ```
    #[must_use]
    pub fn traces(&self) -> Vec<(String, Value)> {
        self.world().traces.clone()
    }

    /// The lines that were logged.
    ///
    /// ```
    /// use orket_runtime::testing::{FakeCapabilities, Level};
    /// let logs = FakeCapabilities::new().logs();
    /// assert!(!logs.iter().any(|(level, _)| *level == Level::Error));
    /// ```
    #[must_use]
    pub fn logs(&self) -> Vec<(Level, String)> {
        self.world().logs.clone()
    }

    /// The value under a key of `kv` now.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert_eq!(FakeCapabilities::new().kv_value("players", "last"), None);
    /// ```
    #[must_use]
    pub fn kv_value(&self, namespace: &str, key: &str) -> Option<Value> {
        let world = self.world();
        world.kv.get(&(namespace.to_owned(), key.to_owned())).map(|(value, _)| value.clone())
    }

    fn world(&self) -> Ref<'_, World> {
        self.world.borrow()
    }

    pub(super) fn shared_world(&self) -> Rc<RefCell<World>> {
        self.world.clone()
    }
}

impl CapabilityProvider for FakeCapabilities {
    fn provides(&self) -> Vec<CapabilityId> {
        PROVIDED.iter().filter_map(|(name, _)| CapabilityId::new(*name)).collect()
    }

    fn get(&self, id: &CapabilityId) -> Option<Rc<dyn Capability>> {
        let (_, answering) = PROVIDED.iter().find(|(name, _)| *name == id.as_str())?;
        let (setting, world) = (self.setting.clone(), self.world.clone());
        Some(Rc::new(Fake { setting, world, answering: *answering }))
    }
}

struct Fake {
    setting: Setting,
    world: Rc<RefCell<World>>,
    answering: Answering,
}

impl Capability for Fake {
    fn call(&self, op: &str, args: Map<String, Value>, attachment: &[u8]) -> Result<Answer> {
        portable(&args)?;
        let mut world = self.world.borrow_mut();
        // Where the standard library is virtual, its clock is this one.
        world.passed = world.passed.max(Duration::from_nanos(ambient::time().unwrap_or_default()));
        let answered = (self.answering)(&self.setting, &mut world, &Call { op, args, attachment });
        ambient::arrive(u64::try_from(world.passed.as_nanos()).ok());
        let value = answered?;
        Ok(Answer { value, attachment: std::mem::take(&mut world.attached) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capabilities::{Capabilities, CapabilityRegistry, Delivery, Scope, TurnState};
    use orket_contract::code;
    use serde_json::json;

    fn all(fakes: &FakeCapabilities) -> Capabilities {
        let mut registry = CapabilityRegistry::new();
        registry.merge(fakes).expect("one provider");
        registry.resolve(&fakes.provides()).expect("its own")
    }

    #[test]
    fn the_script_is_read_and_shown() {
        let fakes = FakeCapabilities::new().with_script(["look"]);
        let console = all(&fakes).console().unwrap();
        assert_eq!(console.read_line("> ").unwrap().as_deref(), Some("look"));
        console.write("A door.\n").unwrap();
        assert_eq!(console.read_line("> ").unwrap(), None);
        assert_eq!(fakes.console_text(), "> look\nA door.\n> \n");
    }

    #[test]
    fn time_passes_when_it_is_looked_at_or_slept() {
        let fakes = FakeCapabilities::new();
        let clock = all(&fakes).clock().unwrap();
        assert_eq!(clock.now().unwrap().to_string(), "2000-01-01T00:00:00.000001000Z");
        clock.sleep(Duration::from_secs(60)).unwrap();
        assert_eq!(clock.monotonic().unwrap(), Duration::from_secs(60) + Duration::from_micros(2));
        let late = clock.sleep(Duration::MAX).unwrap_err();
        assert_eq!(late.code(), code::CAPABILITY_BAD_CALL);
    }

    #[test]
    fn streams_depend_on_seed_and_name() {
        let drawn = |seed, name| {
            let fakes = FakeCapabilities::new().with_seed(seed);
            all(&fakes).rng().unwrap().stream(name).unwrap().next_u64()
        };
        assert_eq!(drawn(7, "world"), drawn(7, "world"));
        assert_ne!(drawn(7, "world"), drawn(8, "world"));
        assert_ne!(drawn(7, "world"), drawn(7, "hints"));
    }

    #[test]
    fn compare_and_set_meets_the_version_or_fails() {
        let fakes = FakeCapabilities::new().with_kv("n", "a", json!(1));
        let kv = all(&fakes).kv().unwrap();
        assert_eq!(kv.put("n", "a", &json!(2), Some(1)).unwrap(), 2);
        assert_eq!(kv.put("n", "a", &json!(3), Some(1)).unwrap_err().code(), code::CAPABILITY_CONFLICT);
        assert_eq!(kv.put("n", "b", &json!(3), Some(0)).unwrap(), 1);
        assert_eq!(kv.put("n", "c", &json!(0.5), None).unwrap_err().code(), code::JSON_NUMBER);
        assert_eq!(kv.list("n", "").unwrap(), ["a", "b"]);
        assert_eq!(kv.get("n", "a").unwrap(), Some((json!(2), 2)));
        assert!(kv.delete("n", "a").unwrap());
        assert_eq!(kv.get("n", "a").unwrap(), None);
    }

    #[test]
    fn a_model_answers_whole_and_in_pieces_what_was_set_up() {
        let fakes = FakeCapabilities::new().with_model_answers(["one two", "three four"]);
        let model = all(&fakes).model().unwrap();
        assert_eq!(model.generate(&Prompt::new("a")).unwrap().text, "one two");
        let mut stream = model.stream(&Prompt { temperature: 1.5, ..Prompt::new("b") }).unwrap();
        assert_eq!(stream.next().unwrap().unwrap(), "three ");
        let whole = stream.finish().unwrap();
        assert_eq!((whole.text.as_str(), whole.model.as_str()), ("three four", "fake"));
        assert_eq!(model.generate(&Prompt::new("c")).unwrap_err().code(), code::CAPABILITY_FAILED);
        let odd = Prompt { temperature: 2.5, ..Prompt::new("d") };
        assert_eq!(model.generate(&odd).unwrap_err().code(), code::CAPABILITY_BAD_CALL);
        assert_eq!(fakes.prompts()[1].temperature, 1.5);
    }

    #[test]
    fn sound_is_spoken_recorded_and_understood() {
        let heard = AudioClip { sample_rate: 1000, channels: 1, samples: vec![7; 100] };
        let fakes = FakeCapabilities::new().with_recordings([heard]).with_transcripts(["yes"]);
        let held = all(&fakes);
        let clip = held.audio_input().unwrap().record(Duration::from_millis(50)).unwrap();
        assert_eq!(clip.samples, vec![7; 50]);
        let text = held.transcriber().unwrap().transcribe(&clip.pcm_s16le(), "audio/pcm", None).unwrap().text;
        assert_eq!(text, "yes");
        let spoken = held.tts().unwrap().synthesize("yes", &Delivery::default()).unwrap();
        assert_eq!((spoken.duration(), fakes.spoken()), (Duration::from_millis(30), vec!["yes".to_owned()]));
        assert_eq!(held.tts().unwrap().list_voices().unwrap()[0].id, "default");
    }

    #[test]
    fn memory_turns_and_screen_behave_as_the_hosts() {
        let fakes = FakeCapabilities::new().with_memory("tea", "green");
        let held = all(&fakes);
        let writer = held.memory_writer().unwrap();
        assert!(writer.write(Scope::Profile, "tea", "black", &json!({ "since": 3 })).unwrap());
        let found = held.memory_query().unwrap().query(Scope::Profile, "Tea?", 10).unwrap();
        assert_eq!((found[0].value.as_str(), &found[0].metadata["since"]), ("black", &json!(3)));
        assert!(writer.delete(Scope::Profile, "tea").unwrap() && fakes.memory_value("tea").is_none());
        let turn = held.turn_control().unwrap();
        assert_eq!(turn.start(Duration::from_millis(1)).unwrap_err().code(), code::CAPABILITY_BAD_CALL);
        assert_eq!(turn.start(Duration::from_secs(2)).unwrap(), TurnState::Listening);
        held.clock().unwrap().sleep(Duration::from_secs(2)).unwrap();
        assert_eq!(turn.state().unwrap(), TurnState::Processing);
        let screen = held.screen().unwrap();
        let panel = Panel::new("Map", "door").width(40);
        screen.render(std::slice::from_ref(&panel)).unwrap();
        assert_eq!((fakes.panels(), screen.size().unwrap().columns), (vec![panel.clone()], 80));
        assert_eq!(screen.render(&[panel.width(81)]).unwrap_err().code(), code::CAPABILITY_BAD_CALL);
    }

    #[test]
    fn clips_are_kept() {
        let fakes = FakeCapabilities::new();
        let output = all(&fakes).audio_output().unwrap();
        let clip = AudioClip { sample_rate: 8000, channels: 2, samples: vec![1, -1] };
        output.play(&clip, true).unwrap();
        assert_eq!(fakes.clips(), std::slice::from_ref(&clip));
        let torn = AudioClip { samples: vec![1], ..clip };
        assert_eq!(output.play(&torn, true).unwrap_err().code(), code::CAPABILITY_BAD_CALL);
    }
}
