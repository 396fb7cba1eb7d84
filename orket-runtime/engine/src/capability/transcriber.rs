//! `speech.transcribe`: text from a program that the operator names, or from a script.

use super::outside::Outside;
use super::program::Program;
use super::script::Script;
use super::{Answered, Call, arguments, failure, unknown_operation};
use crate::clock::Budget;
use orket_contract::code;
use orket_contract::protocol::Failure;
use serde::Deserialize;
use serde_json::{Value, json};

/// The most that a transcriber may write, in bytes (1 MiB).
const TEXT_BYTES_MAX: usize = 1 << 20;

/// What listens.
#[derive(Debug, Clone, PartialEq)]
pub enum Transcriber {
    /// A program that reads sound from its standard input and writes text, or JSON with `text` and
    /// `language`; `{mime}` and `{language}` in its arguments are what a call says.
    Program(Program),
    /// Answers in order, whatever is said.
    Script(Script),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transcribe {
    mime: String,
    #[serde(default)]
    language: Option<String>,
}

impl Transcriber {
    pub(super) fn call(&mut self, call: &Call, budget: &mut Budget, outside: &mut Outside) -> Answered {
        if call.op != "transcribe" {
            return Err(unknown_operation(call));
        }
        let asked: Transcribe = arguments(call)?;
        check(&asked, &call.blob)?;
        let language = asked.language.as_deref().unwrap_or("auto");
        let answer = match self {
            Self::Script(script) => script.next().and_then(|answer| transcript(&answer)),
            Self::Program(program) => {
                let fill = [("mime", asked.mime.as_str()), ("language", language)];
                read(&outside.run(budget, program, &fill, call.blob.clone(), TEXT_BYTES_MAX)?)
            }
        };
        let answer = answer.map_err(|why| failure(code::CAPABILITY_FAILED, why))?;
        Ok(answer.into())
    }
}

fn check(asked: &Transcribe, sound: &[u8]) -> Result<(), Failure> {
    let wrong = |what: &str| failure(code::CAPABILITY_BAD_CALL, format!("`transcribe`: {what}"));
    let is_word = |word: &str, more: &[char]| {
        (1..=64).contains(&word.len())
            && word.starts_with(|c: char| c.is_ascii_alphanumeric())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
    };
    let is_mime = asked
        .mime
        .split_once('/')
        .is_some_and(|(kind, rest)| is_word(kind, &[]) && is_word(rest, &['-', '+', '.', '=']));
    if !is_mime {
        return Err(wrong("`mime` is of the form `audio/wav`"));
    }
    if asked.language.as_deref().is_some_and(|language| !is_word(language, &['-'])) {
        return Err(wrong("`language` is of the form `en` or `de-CH`"));
    }
    if sound.is_empty() { Err(wrong("the attachment is empty")) } else { Ok(()) }
}

/// Reads what a transcriber wrote.
///
/// # Errors
/// What is wrong with it, in words for people.
pub fn read(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the transcriber wrote no UTF-8".to_owned())?.trim();
    if !text.starts_with('{') {
        return transcript(&Value::from(text));
    }
    let answer: Value =
        serde_json::from_str(text).map_err(|error| format!("the transcriber wrote no JSON: {error}"))?;
    transcript(&answer)
}

/// A text, or an object with one; whatever else is in it is left out.
fn transcript(answer: &Value) -> Result<Value, String> {
    let text = answer.as_str().or_else(|| answer.get("text")?.as_str());
    let text = text.ok_or_else(|| "the transcriber gave no `text`".to_owned())?;
    let language = answer.get("language").and_then(Value::as_str);
    Ok(json!({ "language": language, "text": text.trim() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_json_are_read() {
        let said = |text: &str| Ok(json!({ "language": null, "text": text }));
        assert_eq!(read(b" hello there\n"), said("hello there"));
        assert_eq!(read(b""), said(""));
        let json = br#"{"text":" hi ","language":"en","segments":[1.5]}"#;
        assert_eq!(read(json), Ok(json!({ "language": "en", "text": "hi" })));
        for wrong in [&b"{"[..], b"{\"text\":7}", b"\xff"] {
            assert!(read(wrong).is_err());
        }
    }
}
