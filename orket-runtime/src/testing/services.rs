//! Fakes of what an operator provides: a model, a voice, a recorder and a transcriber, with answers
//! that the test sets up; and of memory, screen and turns, which behave as the host's.

use std::time::Duration;

use orket_contract::code;
use orket_contract::protocol::Failure;
use serde::Deserialize;
use serde_json::{Value, json};

use super::world::{Call, Setting, World};
use crate::capabilities::{AudioClip, Generation, Panel, Prompt};
use crate::result::{Error, Result};

/// How many samples a fake voice takes for a letter, at 8 kHz.
const SAMPLES_PER_LETTER: usize = 80;

fn told(failure: Failure) -> Error {
    Error::told(failure, None)
}

fn exhausted(what: &str, had: usize) -> Error {
    let message = format!("the test set up {had} {what} and no more");
    Error::new(code::CAPABILITY_FAILED, message)
}

fn wrong(message: &str) -> Error {
    Error::new(code::CAPABILITY_BAD_CALL, message)
}

fn attach(world: &mut World, clip: &AudioClip) -> Value {
    world.attached = clip.pcm_s16le();
    json!({ "channels": clip.channels, "sample_rate": clip.sample_rate })
}

pub(super) fn audio_input(setting: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Record {
        max_ms: u64,
    }
    if call.op != "record" {
        return Err(call.unknown());
    }
    let Record { max_ms } = call.arguments()?;
    if !(1..=600_000).contains(&max_ms) {
        return Err(wrong("`max_ms` is 1 to 600000"));
    }
    let clip = setting.recordings.get(world.recorded);
    let mut clip = clip.cloned().ok_or_else(|| exhausted("recordings", setting.recordings.len()))?;
    world.recorded += 1;
    let moments = Duration::from_millis(max_ms).as_millis() * u128::from(clip.sample_rate) / 1000;
    let samples = moments * u128::from(clip.channels);
    clip.samples.truncate(usize::try_from(samples).unwrap_or(usize::MAX));
    Ok(attach(world, &clip))
}

pub(super) fn memory_query(_: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    world.memory.call("memory.query", call.op, &call.args).map_err(told)
}

pub(super) fn memory_write(_: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    world.memory.call("memory.write", call.op, &call.args).map_err(told)
}

pub(super) fn model(setting: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    match call.op {
        "generate" => {
            let Generation { text, model, usage } = answer(setting, world, call)?;
            let usage =
                json!({ "completion_tokens": usage.completion_tokens, "prompt_tokens": usage.prompt_tokens });
            Ok(json!({ "model": model, "text": text, "usage": usage }))
        }
        "open" => {
            let answer = answer(setting, world, call)?;
            let words = answer.text.split_inclusive(' ').map(str::to_owned).collect();
            world.stream = Some((words, answer));
            Ok(json!({ "stream": world.answered }))
        }
        "next" => next(world, call),
        _ => Err(call.unknown()),
    }
}

fn answer(setting: &Setting, world: &mut World, call: &Call<'_>) -> Result<Generation> {
    #[derive(Deserialize)]
    struct Ask {
        system: String,
        user: String,
        max_tokens: u32,
        temperature_milli: u32,
        stop: Vec<String>,
    }
    let Ask { system, user, max_tokens, temperature_milli, stop } = call.arguments()?;
    if !(1..=1_000_000).contains(&max_tokens) || stop.len() > 16 {
        return Err(wrong("`max_tokens` is 1 to 1000000, and `stop` has at most 16 texts"));
    }
    let temperature = f64::from(temperature_milli) / 1000.0;
    world.prompts.push(Prompt { system, user, max_tokens, temperature, stop });
    let answer = setting.answers.get(world.answered);
    world.answered += 1;
    answer.cloned().ok_or_else(|| exhausted("answers of the model", setting.answers.len()))
}

fn next(world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Next {
        stream: usize,
    }
    let Next { stream } = call.arguments()?;
    let open = world.stream.as_mut().filter(|_| stream == world.answered);
    let (words, end) = open.ok_or_else(|| wrong("the stream is not open"))?;
    if let Some(word) = words.pop_front() {
        return Ok(json!({ "done": null, "text": word }));
    }
    let usage = json!({
        "completion_tokens": end.usage.completion_tokens, "prompt_tokens": end.usage.prompt_tokens,
    });
    let done = json!({ "model": end.model, "usage": usage });
    world.stream = None;
    Ok(json!({ "done": done, "text": "" }))
}

pub(super) fn screen(_: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Render {
        panels: Vec<Panel>,
    }
    match call.op {
        "clear" => world.panels.clear(),
        "render" => {
            let Render { panels } = call.arguments()?;
            if panels.len() > 64 || panels.iter().any(|panel| !(4..=80).contains(&panel.width)) {
                return Err(wrong("at most 64 panels of 4 to 80 columns"));
            }
            world.panels = panels;
        }
        "size" => return Ok(json!({ "columns": 80, "rows": 24 })),
        _ => return Err(call.unknown()),
    }
    Ok(Value::Null)
}

pub(super) fn transcriber(setting: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    if call.op != "transcribe" {
        return Err(call.unknown());
    }
    if call.attachment.is_empty() {
        return Err(wrong("the attachment is empty"));
    }
    let text = setting.transcripts.get(world.transcribed);
    world.transcribed += 1;
    let text = text.ok_or_else(|| exhausted("transcripts", setting.transcripts.len()))?;
    Ok(json!({ "language": null, "text": text }))
}

pub(super) fn tts(_: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Synthesize {
        text: String,
        speed_percent: u32,
    }
    match call.op {
        "list_voices" => Ok(json!([{ "id": "default", "language": "en" }])),
        "synthesize" => {
            let Synthesize { text, speed_percent } = call.arguments()?;
            if text.trim().is_empty() || !(25..=400).contains(&speed_percent) {
                return Err(wrong("`text` says something, and `speed_percent` is 25 to 400"));
            }
            let samples = vec![0; text.chars().count() * SAMPLES_PER_LETTER * 100 / speed_percent as usize];
            world.spoken.push(text);
            Ok(attach(world, &AudioClip { sample_rate: 8_000, channels: 1, samples }))
        }
        _ => Err(call.unknown()),
    }
}

pub(super) fn turn(_: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    let now_ns = u64::try_from(world.passed.as_nanos()).unwrap_or(u64::MAX);
    world.turn.call(now_ns, call.op, &call.args).map_err(told)
}
