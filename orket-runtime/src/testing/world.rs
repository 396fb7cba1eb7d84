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

/// How each capability is answered.
pub(super) type Answering =
    fn(&Setting, &mut World, op: &str, args: Map<String, Value>, blob: &[u8]) -> Result<Value>;

/// The capabilities that there is a fake of.
pub(super) const PROVIDED: [(&str, Answering); 13] = [
    ("audio_input", services::audio_input),
    ("audio_output", audio),
    ("clock", clock),
    ("console", console),
    ("kv", kv),
    ("memory.query", services::memory_query),
    ("memory.write", services::memory_write),
    ("model.generate", services::model),
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

pub(super) fn arguments<T: DeserializeOwned>(args: Map<String, Value>) -> Result<T> {
    T::deserialize(Value::Object(args))
        .map_err(|error| Error::new(code::CAPABILITY_BAD_CALL, error.to_string()))
}

pub(super) fn unknown(op: &str) -> Error {
    Error::new(code::CAPABILITY_BAD_CALL, format!("`{op}` is not an operation"))
}

fn audio(_: &Setting, world: &mut World, op: &str, args: Map<String, Value>, blob: &[u8]) -> Result<Value> {
    #[derive(Deserialize)]
    struct Play {
        sample_rate: u32,
        channels: u16,
    }
    match op {
        "play" => {
            let Play { sample_rate, channels } = arguments(args)?;
            let samples =
                blob.chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]])).collect();
            world.clips.push(AudioClip { sample_rate, channels, samples });
            Ok(Value::Null)
        }
        "stop" => Ok(Value::Null),
        _ => Err(unknown(op)),
    }
}

fn clock(
    setting: &Setting,
    world: &mut World,
    op: &str,
    args: Map<String, Value>,
    _: &[u8],
) -> Result<Value> {
    #[derive(Deserialize)]
    struct Sleep {
        #[serde(with = "orket_contract::protocol::decimal")]
        ns: u64,
    }
    let mut look = |start: Duration| {
        world.passed += LOOK;
        Ok((start + world.passed).as_nanos().to_string().into())
    };
    match op {
        "now" => look(setting.clock_start),
        "monotonic" => look(Duration::ZERO),
        "sleep" => {
            let Sleep { ns } = arguments(args)?;
            world.passed += Duration::from_nanos(ns);
            Ok(Value::Null)
        }
        _ => Err(unknown(op)),
    }
}

fn console(
    setting: &Setting,
    world: &mut World,
    op: &str,
    args: Map<String, Value>,
    _: &[u8],
) -> Result<Value> {
    #[derive(Deserialize)]
    struct Write {
        text: String,
    }
    #[derive(Deserialize)]
    struct ReadLine {
        prompt: String,
    }
    match op {
        "write" => {
            let Write { text } = arguments(args)?;
            world.console.push_str(&text);
            Ok(Value::Null)
        }
        "read_line" => {
            let ReadLine { prompt } = arguments(args)?;
            let line = setting.script.get(world.lines_read);
            world.lines_read += 1;
            world.console.push_str(&prompt);
            world.console.push_str(line.map_or("", String::as_str));
            world.console.push('\n');
            Ok(json!(line))
        }
        _ => Err(unknown(op)),
    }
}

fn rng(setting: &Setting, _: &mut World, op: &str, args: Map<String, Value>, _: &[u8]) -> Result<Value> {
    #[derive(Deserialize)]
    struct Stream {
        name: String,
    }
    if op != "stream" {
        return Err(unknown(op));
    }
    let Stream { name } = arguments(args)?;
    Ok(json!({ "key": stream_key(setting.seed, &name).to_string() }))
}

#[derive(Deserialize)]
struct Key {
    namespace: String,
    key: String,
}

fn kv(_: &Setting, world: &mut World, op: &str, args: Map<String, Value>, _: &[u8]) -> Result<Value> {
    #[derive(Deserialize)]
    struct List {
        namespace: String,
        prefix: String,
    }
    match op {
        "get" => {
            let Key { namespace, key } = arguments(args)?;
            let found = world.kv.get(&(namespace, key));
            Ok(found.map_or(Value::Null, |(value, version)| json!({ "value": value, "version": version })))
        }
        "put" => put(world, arguments(args)?),
        "delete" => {
            let Key { namespace, key } = arguments(args)?;
            Ok(world.kv.remove(&(namespace, key)).is_some().into())
        }
        "list" => {
            let List { namespace, prefix } = arguments(args)?;
            let keys =
                world.kv.keys().filter(|(within, key)| *within == namespace && key.starts_with(&prefix));
            Ok(keys.map(|(_, key)| key.as_str()).collect())
        }
        _ => Err(unknown(op)),
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
