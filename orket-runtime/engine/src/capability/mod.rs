//! The host's side of every capability: what a call does, once it was authorised.
//!
//! Invariant: an answer depends on the seed, on virtual time and on what was answered before, or it
//! comes from outside and is recorded.

mod audio;
pub mod console;
pub mod kv;
pub mod model;
mod network;
mod outside;
mod program;
mod recorder;
pub mod screen;
mod script;
mod services;
pub mod transcriber;
mod voice;
pub mod wav;

use crate::clock::Budget;
use orket_contract::ambient::{EPOCH_NS, LOOK_NS};
use orket_contract::code;
use orket_contract::digest::stream_key;
use orket_contract::memory::Memory;
use orket_contract::protocol::Failure;
use orket_contract::turn::Turn;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub use console::{Console, LineConsole};
pub use kv::Kv;
pub use model::{Endpoint, Model, Secret};
pub use orket_contract::memory::Profile;
pub use program::Program;
pub use recorder::Recorder;
pub use script::Script;
pub use services::Services;
pub use transcriber::Transcriber;
pub use voice::Voice;

pub(crate) use audio::Speaker;
use model::Generator;
pub(crate) use network::Network;
pub(crate) use outside::Outside;
pub(crate) use screen::Screen;
pub(crate) use services::Serving;

/// A call, already authorised.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// The capability.
    pub(crate) capability: String,
    /// The operation.
    pub(crate) op: String,
    /// Its arguments.
    pub(crate) args: Map<String, Value>,
    /// Its attachment.
    pub(crate) blob: Vec<u8>,
}

/// What a call gives back.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reply {
    /// The value.
    pub(crate) value: Value,
    /// Its attachment.
    pub(crate) blob: Vec<u8>,
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self { value, blob: Vec::new() }
    }
}

/// The answer to a call.
pub(crate) type Answered = Result<Reply, Failure>;

/// All capabilities of one run.
pub(crate) struct Providers {
    /// The seed of the run.
    pub(crate) seed: u64,
    /// Virtual time since the start, in nanoseconds.
    pub(crate) time_ns: u64,
    /// Text to and from a person or a script.
    pub(crate) console: Box<dyn Console>,
    /// Versioned values.
    pub(crate) kv: Kv,
    /// What is remembered.
    pub(crate) memory: Memory,
    /// Pictures.
    pub(crate) screen: Screen,
    /// Clips.
    pub(crate) speaker: Speaker,
    /// Whose turn it is to speak.
    pub(crate) turn: Turn,
    /// Connections.
    pub(crate) network: Network,
    /// What the operator provides.
    pub(crate) services: Serving,
    /// How long a run may wait for that.
    pub(crate) outside: Outside,
}

impl Providers {
    /// Repeats what a call leaves, in the run's folder, in `kv` and in memory, for a call whose answer is
    /// replayed.
    ///
    /// # Errors
    /// `capability.failed`.
    pub(crate) fn repeat(&mut self, call: &Call) -> Result<(), Failure> {
        match call.capability.as_str() {
            "audio_output" => self.speaker.repeat(call),
            // Only the state that it leaves; the answer is the recorded one.
            "kv" => self.kv.call(call).map_or(Ok(()), |_| Ok(())),
            "memory.write" => self.remember(call).map_or(Ok(()), |_| Ok(())),
            _ => Ok(()),
        }
    }

    /// Carries a call out. Time spent waiting for a person, or for a service of the operator, is not taken
    /// from `budget`.
    ///
    /// # Errors
    /// A [`Failure`] for the guest: `capability.bad-call`, `capability.conflict`, `capability.failed`,
    /// `capability.unavailable`.
    pub(crate) fn call(&mut self, call: &Call, budget: &mut Budget) -> Answered {
        match call.capability.as_str() {
            "audio_output" => self.speaker.call(call, budget, &mut self.outside),
            "clock" => clock(&mut self.time_ns, call),
            "console" => console::call(self.console.as_mut(), call, budget),
            "kv" => self.kv.call(call),
            "memory.query" | "memory.write" => self.remember(call),
            "network.connect" => self.network.call(call, budget, &mut self.outside),
            "rng" => rng(self.seed, call),
            "screen.render" => self.screen.call(call),
            "voice.turn_control" => self.turn.call(self.time_ns, &call.op, &call.args).map(Into::into),
            _ => self.services.call(call, budget, &mut self.outside),
        }
    }

    fn remember(&mut self, call: &Call) -> Answered {
        self.memory.call(&call.capability, &call.op, &call.args).map(Into::into)
    }
}

fn clock(time_ns: &mut u64, call: &Call) -> Result<Reply, Failure> {
    match call.op.as_str() {
        "monotonic" | "now" => {
            none(call)?;
            *time_ns = time_ns.saturating_add(LOOK_NS);
            let start = if call.op == "now" { EPOCH_NS } else { 0 };
            Ok(json!(start.saturating_add(*time_ns).to_string()).into())
        }
        "sleep" => {
            let Sleep { ns } = arguments(call)?;
            *time_ns = time_ns.saturating_add(ns);
            Ok(Reply::default())
        }
        _ => Err(unknown_operation(call)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sleep {
    #[serde(with = "orket_contract::protocol::decimal")]
    ns: u64,
}

fn rng(seed: u64, call: &Call) -> Result<Reply, Failure> {
    if call.op != "stream" {
        return Err(unknown_operation(call));
    }
    let Stream { name } = arguments(call)?;
    Ok(json!({ "key": stream_key(seed, &name).to_string() }).into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    name: String,
}

fn arguments<T: DeserializeOwned>(call: &Call) -> Result<T, Failure> {
    T::deserialize(Value::Object(call.args.clone())).map_err(|error| {
        failure(code::CAPABILITY_BAD_CALL, format!("`{}` of `{}`: {error}", call.op, call.capability))
    })
}

fn none(call: &Call) -> Result<(), Failure> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct None {}
    arguments::<None>(call).map(|None {}| ())
}

fn unknown_operation(call: &Call) -> Failure {
    failure(code::CAPABILITY_BAD_CALL, format!("`{}` is not an operation of `{}`", call.op, call.capability))
}

fn failure(code: &str, message: String) -> Failure {
    Failure { code: code.to_owned(), message, location: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(capability: &str, op: &str, args: Value) -> Call {
        let Value::Object(args) = args else { panic!("arguments are an object") };
        Call { capability: capability.to_owned(), op: op.to_owned(), args, blob: Vec::new() }
    }

    #[test]
    fn virtual_time_moves_only_when_looked_at_or_slept() {
        let mut time = 0;
        let monotonic = call("clock", "monotonic", json!({}));
        assert_eq!(clock(&mut time, &monotonic).expect("reply").value, "1000");
        clock(&mut time, &call("clock", "sleep", json!({ "ns": "5000" }))).expect("reply");
        assert_eq!(clock(&mut time, &monotonic).expect("reply").value, "7000");
        assert_eq!(
            clock(&mut time, &call("clock", "now", json!({}))).expect("reply").value,
            "946684800000008000"
        );
    }

    #[test]
    fn streams_differ_by_seed_and_by_name() {
        let keys: std::collections::BTreeSet<_> =
            [(1, "a"), (1, "b"), (2, "a")].into_iter().map(|(seed, name)| stream_key(seed, name)).collect();
        assert_eq!(keys.len(), 3);
    }

    #[test]
    fn wrong_calls_are_refused_with_their_code() {
        for wrong in [
            call("clock", "rewind", json!({})),
            call("clock", "now", json!({ "zone": "UTC" })),
            call("clock", "sleep", json!({ "ns": 5 })),
        ] {
            let failure = clock(&mut 0, &wrong).expect_err("refused");
            assert_eq!(failure.code, code::CAPABILITY_BAD_CALL, "{wrong:?}");
        }
    }
}
