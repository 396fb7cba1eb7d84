//! What happens to fakes in memory. They answer as the host does for the same seed, script and snapshot.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use orket_contract::digest::stream_key;
use orket_contract::memory::Memory;
use orket_contract::protocol::Level;
use orket_contract::turn::Turn;
use orket_contract::{canonical, code};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::network::{self, Connected};
use super::services;
use crate::capabilities::{AudioClip, Generation, Panel, Prompt};
use crate::result::{Error, Result};

/// What looking at the clock takes of virtual time.
const LOOK: Duration = Duration::from_micros(1);

/// What the fakes start from.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) seed: u64,
    pub(super) script: Vec<String>,
    pub(super) kv: BTreeMap<(String, String), (Value, u64)>,
    pub(super) clock_start: Duration,
    pub(super) workspace: PathBuf,
    pub(super) memory: Memory,
    pub(super) answers: Vec<Generation>,
    pub(super) recordings: Vec<AudioClip>,
    pub(super) transcripts: Vec<String>,
    pub(super) peers: BTreeMap<String, Vec<u8>>,
}

/// What happens while a workload runs.
#[derive(Debug, Default)]
pub(super) struct World {
    lines_read: usize,
    pub(super) kv: BTreeMap<(String, String), (Value, u64)>,
    pub(super) passed: Duration,
    pub(super) console: String,
    pub(super) clips: Vec<AudioClip>,
    pub(super) memory: Memory,
    pub(super) turn: Turn,
    pub(super) answered: usize,
    pub(super) stream: Option<(VecDeque<String>, Generation)>,
    pub(super) recorded: usize,
    pub(super) transcribed: usize,
    pub(super) prompts: Vec<Prompt>,
    pub(super) spoken: Vec<String>,
    pub(super) panels: Vec<Panel>,
    pub(super) connections: Vec<Connected>,
    /// The attachment of the answer that is being made.
    pub(super) attached: Vec<u8>,
    pub(super) traces: Vec<(String, Value)>,
    pub(super) logs: Vec<(Level, String)>,
}

impl World {
    pub(super) fn at_start_of(setting: &Setting) -> Self {
        Self { kv: setting.kv.clone(), memory: setting.memory.clone(), ..Self::default() }
    }
}

/// One call of a capability.
pub(super) struct Call<'a> {
    pub(super) op: &'a str,
    pub(super) args: Map<String, Value>,
    pub(super) attachment: &'a [u8],
}

impl Call<'_> {
    pub(super) fn arguments<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.args).map_err(|error| Error::new(code::CAPABILITY_BAD_CALL, error.to_string()))
    }

    pub(super) fn unknown(&self) -> Error {
        Error::new(code::CAPABILITY_BAD_CALL, format!("`{}` is not an operation", self.op))
    }
}

/// How each capability is answered.
pub(super) type Answering = fn(&Setting, &mut World, &Call<'_>) -> Result<Value>;

/// The capabilities that there is a fake of.
pub(super) const PROVIDED: [(&str, Answering); 14] = [
    ("audio_input", services::audio_input),
    ("audio_output", audio),
    ("clock", clock),
    ("console", console),
    ("kv", kv),
    ("memory.query", services::memory_query),
    ("memory.write", services::memory_write),
    ("model.generate", services::model),
    ("network.connect", network::network),
    ("rng", rng),
    ("screen.render", services::screen),
    ("speech.transcribe", services::transcriber),
    ("tts.speak", services::tts),
    ("voice.turn_control", services::turn),
];

/// Refuses what the host would refuse to hash.
pub(super) fn portable(value: &impl serde::Serialize) -> Result<String> {
    canonical::to_string(value).map_err(|fault| Error::new(fault.code, fault.message))
}

fn audio(_: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Play {
        sample_rate: u32,
        channels: u16,
    }
    match call.op {
        "play" => {
            let Play { sample_rate, channels } = call.arguments()?;
            let samples = call
                .attachment
                .chunks_exact(2)
                .map(|sample| i16::from_le_bytes([sample[0], sample[1]]))
                .collect();
            world.clips.push(AudioClip { sample_rate, channels, samples });
            Ok(Value::Null)
        }
        "stop" => Ok(Value::Null),
        _ => Err(call.unknown()),
    }
}

fn clock(setting: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Sleep {
        #[serde(with = "orket_contract::protocol::decimal")]
        ns: u64,
    }
    let mut look = |start: Duration| {
        world.passed += LOOK;
        Ok((start + world.passed).as_nanos().to_string().into())
    };
    match call.op {
        "now" => look(setting.clock_start),
        "monotonic" => look(Duration::ZERO),
        "sleep" => {
            let Sleep { ns } = call.arguments()?;
            world.passed += Duration::from_nanos(ns);
            Ok(Value::Null)
        }
        _ => Err(call.unknown()),
    }
}

fn console(setting: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Write {
        text: String,
    }
    #[derive(Deserialize)]
    struct ReadLine {
        prompt: String,
    }
    match call.op {
        "write" => {
            let Write { text } = call.arguments()?;
            world.console.push_str(&text);
            Ok(Value::Null)
        }
        "read_line" => {
            let ReadLine { prompt } = call.arguments()?;
            let line = setting.script.get(world.lines_read);
            world.lines_read += 1;
            world.console.push_str(&prompt);
            world.console.push_str(line.map_or("", String::as_str));
            world.console.push('\n');
            Ok(json!(line))
        }
        _ => Err(call.unknown()),
    }
}

fn rng(setting: &Setting, _: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Stream {
        name: String,
    }
    if call.op != "stream" {
        return Err(call.unknown());
    }
    let Stream { name } = call.arguments()?;
    Ok(json!({ "key": stream_key(setting.seed, &name).to_string() }))
}

#[derive(Deserialize)]
struct Key {
    namespace: String,
    key: String,
}

fn kv(_: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct List {
        namespace: String,
        prefix: String,
    }
    match call.op {
        "get" => {
            let Key { namespace, key } = call.arguments()?;
            let found = world.kv.get(&(namespace, key));
            Ok(found.map_or(Value::Null, |(value, version)| json!({ "value": value, "version": version })))
        }
        "put" => put(world, call.arguments()?),
        "delete" => {
            let Key { namespace, key } = call.arguments()?;
            Ok(world.kv.remove(&(namespace, key)).is_some().into())
        }
        "list" => {
            let List { namespace, prefix } = call.arguments()?;
            let keys =
                world.kv.keys().filter(|(within, key)| *within == namespace && key.starts_with(&prefix));
            Ok(keys.map(|(_, key)| key.as_str()).collect())
        }
        _ => Err(call.unknown()),
    }
}

#[derive(Deserialize)]
struct Put {
    #[serde(flatten)]
    at: Key,
    value: Value,
    expected: Option<u64>,
}

fn put(world: &mut World, Put { at, value, expected }: Put) -> Result<Value> {
    let version = world.kv.get(&(at.namespace.clone(), at.key.clone())).map_or(0, |(_, version)| *version);
    if let Some(expected) = expected.filter(|expected| *expected != version) {
        let message = format!("`{}` has version {version}, expected was {expected}", at.key);
        return Err(Error::new(code::CAPABILITY_CONFLICT, message));
    }
    world.kv.insert((at.namespace, at.key), (value, version + 1));
    Ok(json!({ "version": version + 1 }))
}
