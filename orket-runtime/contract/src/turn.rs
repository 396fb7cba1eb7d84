//! What `voice.turn_control` does: whose turn it is, the host's behaviour and that of the fakes.
//!
//! Invariant: the state depends on the calls and on virtual time alone.

use crate::code;
use crate::protocol::Failure;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// How long silence may last before what was said is taken, in milliseconds.
pub const SILENCE_MS: RangeInclusive<u64> = 200..=10_000;
/// The same, where nothing is said of it.
pub const SILENCE_MS_DEFAULT: u64 = 2_000;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody's.
    #[default]
    Idle,
    /// The person's: the host listens.
    Listening,
    /// The workload's: what was said is being worked on.
    Processing,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Command {
    Start,
    Stop,
    Submit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    command: Command,
    #[serde(default = "default_silence")]
    silence_ms: u64,
}

fn default_silence() -> u64 {
    SILENCE_MS_DEFAULT
}

/// The turns of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    state: State,
    /// When silence has lasted long enough, in nanoseconds of virtual time.
    silent_ns: u64,
}

impl Turn {
    /// Carries out an operation at a moment of virtual time, in nanoseconds since the start.
    ///
    /// # Errors
    /// `capability.bad-call`, also for `submit` when nobody is listened to.
    pub fn call(&mut self, now_ns: u64, op: &str, args: &Map<String, Value>) -> Result<Value, Failure> {
        if self.state == State::Listening && now_ns >= self.silent_ns {
            self.state = State::Processing;
        }
        match op {
            "control" => self.control(now_ns, args)?,
            "state" if args.is_empty() => {}
            _ => return Err(wrong(format!("`{op}` is not an operation, or has other arguments"))),
        }
        Ok(json!({ "state": self.state }))
    }

    fn control(&mut self, now_ns: u64, args: &Map<String, Value>) -> Result<(), Failure> {
        let Control { command, silence_ms } = Control::deserialize(Value::Object(args.clone()))
            .map_err(|error| wrong(format!("`control`: {error}")))?;
        if !SILENCE_MS.contains(&silence_ms) {
            let message = format!("`silence_ms` is {} to {}", SILENCE_MS.start(), SILENCE_MS.end());
            return Err(wrong(message));
        }
        self.state = match command {
            Command::Start => {
                self.silent_ns = now_ns.saturating_add(silence_ms * 1_000_000);
                State::Listening
            }
            Command::Stop => State::Idle,
            Command::Submit if self.state == State::Listening => State::Processing,
            Command::Submit => return Err(wrong("`submit`: nobody is listened to".to_owned())),
        };
        Ok(())
    }
}

fn wrong(message: String) -> Failure {
    Failure { code: code::CAPABILITY_BAD_CALL.to_owned(), message, location: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(turn: &mut Turn, at_ms: u64, args: &Value, expected: &str) {
        let (op, args) = match args.as_object() {
            Some(args) => ("control", args.clone()),
            None => ("state", Map::new()),
        };
        let state = turn.call(at_ms * 1_000_000, op, &args);
        let state = state.map(|answer| answer["state"].as_str().unwrap_or_default().to_owned());
        assert_eq!(state.unwrap_or_else(|failure| failure.code), expected);
    }

    #[test]
    fn turns_change_by_command_and_by_silence() {
        let mut turn = Turn::default();
        check(&mut turn, 0, &Value::Null, "idle");
        check(&mut turn, 0, &json!({ "command": "submit" }), "capability.bad-call");
        check(&mut turn, 0, &json!({ "command": "start" }), "listening");
        check(&mut turn, 1_999, &Value::Null, "listening");
        check(&mut turn, 2_000, &Value::Null, "processing");
        check(&mut turn, 2_000, &json!({ "command": "start", "silence_ms": 200 }), "listening");
        check(&mut turn, 2_100, &json!({ "command": "submit" }), "processing");
        check(&mut turn, 2_100, &json!({ "command": "stop" }), "idle");
    }

    #[test]
    fn the_delay_has_a_range() {
        for (silence_ms, expected) in
            [(199, "capability.bad-call"), (200, "listening"), (10_000, "listening")]
        {
            check(
                &mut Turn::default(),
                0,
                &json!({ "command": "start", "silence_ms": silence_ms }),
                expected,
            );
        }
        check(
            &mut Turn::default(),
            0,
            &json!({ "command": "start", "silence_ms": 10_001 }),
            "capability.bad-call",
        );
        check(&mut Turn::default(), 0, &json!({ "command": "sing" }), "capability.bad-call");
    }
}
