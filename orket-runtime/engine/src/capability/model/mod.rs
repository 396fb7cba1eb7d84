//! `model.generate`: text from an OpenAI-compatible endpoint that the operator names, or a script.
//!
//! Invariants: the key of an endpoint lives in its [`Endpoint`] alone; whatever an endpoint says is
//! cleaned of it before anything else sees the text. A stream is pulled piece by piece, so that every
//! piece is an answer on record.

mod endpoint;
mod secret;
pub mod sse;

pub use endpoint::Endpoint;
pub use secret::Secret;

use super::outside::Outside;
use super::script::Script;
use super::{Answered, Call, arguments, failure, unknown_operation};
use crate::clock::Budget;
use endpoint::Pieces;
use orket_contract::code;
use orket_contract::protocol::Failure;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// The most bytes of generated text of one call (4 MiB).
const TEXT_BYTES_MAX: usize = 4 << 20;

/// Where text comes from.
#[derive(Debug, Clone)]
pub enum Model {
    /// An endpoint.
    Endpoint(Endpoint),
    /// Answers in order, whatever is asked.
    Script(Script),
}

/// What a call asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[serde(default)]
    system: String,
    user: String,
    #[serde(default = "max_tokens")]
    max_tokens: u32,
    #[serde(default = "temperature")]
    temperature_milli: u32,
    #[serde(default)]
    stop: Vec<String>,
}

fn max_tokens() -> u32 {
    2048
}

fn temperature() -> u32 {
    700
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    stream: u64,
}

/// What generating took, in tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct Usage {
    completion_tokens: u64,
    prompt_tokens: u64,
}

/// The end of a text: who generated it, and what it took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct End {
    model: String,
    usage: Usage,
}

/// A model while a run uses it: at most one stream is open.
pub(crate) struct Generator {
    model: Model,
    opened: u64,
    stream: Option<Stream>,
}

enum Stream {
    Endpoint(Pieces),
    Script(VecDeque<String>, End),
}

impl Generator {
    pub(super) fn new(model: Model) -> Self {
        Self { model, opened: 0, stream: None }
    }

    pub(super) fn call(&mut self, call: &Call, budget: &mut Budget, outside: &mut Outside) -> Answered {
        let answer = match call.op.as_str() {
            "generate" => {
                let ask = checked(arguments(call)?)?;
                let (text, end) = outside.wait(budget, |cap, _| match &mut self.model {
                    Model::Endpoint(endpoint) => endpoint.generate(&ask, cap),
                    Model::Script(script) => script.next().and_then(|answer| scripted(&answer)),
                })?;
                json!({ "model": end.model, "text": text, "usage": end.usage })
            }
            "open" => {
                let ask = checked(arguments(call)?)?;
                self.stream = None;
                self.stream = Some(outside.wait(budget, |cap, _| match &mut self.model {
                    Model::Endpoint(endpoint) => endpoint.open(&ask, cap).map(Stream::Endpoint),
                    Model::Script(script) => {
                        let (text, end) = script.next().and_then(|answer| scripted(&answer))?;
                        let words = text.split_inclusive(' ').map(str::to_owned).collect();
                        Ok(Stream::Script(words, end))
                    }
                })?);
                self.opened += 1;
                json!({ "stream": self.opened })
            }
            "next" => self.next(&arguments(call)?, budget, outside)?,
            _ => return Err(unknown_operation(call)),
        };
        Ok(answer.into())
    }

    /// The next piece of the open stream; after the last one, what ended it.
    fn next(
        &mut self,
        Next { stream: named }: &Next,
        budget: &mut Budget,
        outside: &mut Outside,
    ) -> Result<Value, Failure> {
        let Some(stream) = self.stream.as_mut().filter(|_| *named == self.opened) else {
            let message = format!("`next`: stream {named} is not open");
            return Err(failure(code::CAPABILITY_BAD_CALL, message));
        };
        let piece = match stream {
            Stream::Script(words, end) => Ok(words.pop_front().ok_or_else(|| end.clone())),
            Stream::Endpoint(pieces) => outside.wait(budget, |_, _| pieces.next()),
        };
        match piece {
            Ok(Ok(text)) => Ok(json!({ "done": null, "text": text })),
            Ok(Err(end)) => {
                self.stream = None;
                Ok(json!({ "done": end, "text": "" }))
            }
            Err(failure) => {
                self.stream = None;
                Err(failure)
            }
        }
    }
}

fn checked(ask: Ask) -> Result<Ask, Failure> {
    let wrong = |what: &str| Err(failure(code::CAPABILITY_BAD_CALL, format!("a model is asked with {what}")));
    if !(1..=1_000_000).contains(&ask.max_tokens) {
        return wrong("`max_tokens` of 1 to 1000000");
    }
    if ask.temperature_milli > 2_000 {
        return wrong("`temperature_milli` of 0 to 2000");
    }
    if ask.stop.len() > 16 || ask.stop.iter().any(|stop| stop.is_empty() || stop.len() > 256) {
        return wrong("at most 16 texts of 1 to 256 bytes in `stop`");
    }
    Ok(ask)
}

/// A scripted answer: a text, or an object with one and with a model.
fn scripted(answer: &Value) -> Result<(String, End), String> {
    let text = answer.as_str().or_else(|| answer.get("text")?.as_str());
    let text = text.ok_or_else(|| "an answer of the script has no `text`".to_owned())?;
    let model = answer.get("model").and_then(Value::as_str).unwrap_or("script");
    Ok((text.to_owned(), End { model: model.to_owned(), usage: sse::usage(answer) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Interrupt;
    use std::time::Duration;

    fn call(generator: &mut Generator, op: &str, args: Value) -> Result<Value, String> {
        let Value::Object(args) = args else { panic!("arguments are an object") };
        let call = Call { capability: "model.generate".into(), op: op.into(), args, blob: Vec::new() };
        let mut outside = Outside::new(Duration::from_secs(60), Interrupt::default());
        let mut budget = Budget::of(Duration::from_secs(60));
        generator
            .call(&call, &mut budget, &mut outside)
            .map(|reply| reply.value)
            .map_err(|failure| failure.code)
    }

    fn generator(script: &str) -> Generator {
        Generator::new(Model::Script(Script::parse(script).expect("a script")))
    }

    #[test]
    fn a_script_answers_whole_and_in_pieces() {
        let mut model = generator(
            "\"one two\"\n{\"text\":\"three four\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":3}}\n",
        );
        let answer = call(&mut model, "generate", json!({ "user": "hi" })).expect("an answer");
        assert_eq!((answer["text"].as_str(), answer["model"].as_str()), (Some("one two"), Some("script")));
        let stream = call(&mut model, "open", json!({ "user": "hi" })).expect("a stream");
        let mut next = || call(&mut model, "next", stream.clone());
        assert_eq!(next(), Ok(json!({ "done": null, "text": "three " })));
        assert_eq!(next(), Ok(json!({ "done": null, "text": "four" })));
        let usage = json!({ "completion_tokens": 0, "prompt_tokens": 3 });
        assert_eq!(next(), Ok(json!({ "done": { "model": "m", "usage": usage }, "text": "" })));
        assert_eq!(next(), Err("capability.bad-call".into()), "it is over");
        assert_eq!(call(&mut model, "generate", json!({ "user": "hi" })), Err("capability.failed".into()));
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let mut model = generator("\"a\"");
        for wrong in [
            json!({}),
            json!({ "user": "hi", "max_tokens": 0 }),
            json!({ "user": "hi", "temperature_milli": 2001 }),
            json!({ "user": "hi", "temperature": 1 }),
            json!({ "user": "hi", "stop": [""] }),
        ] {
            assert_eq!(call(&mut model, "generate", wrong), Err("capability.bad-call".into()));
        }
        assert_eq!(call(&mut model, "next", json!({ "stream": 0 })), Err("capability.bad-call".into()));
    }
}
