//! `tts.speak`: speech from a program that the operator names, or from espeak-ng where there is one.

use super::outside::Outside;
use super::program::Program;
use super::recorder::clip;
use super::{Answered, Call, arguments, failure, none, unknown_operation, wav};
use crate::clock::Budget;
use orket_contract::code;
use orket_contract::limit::FRAME_BLOB_BYTES_MAX;
use orket_contract::protocol::Failure;
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest text, in bytes.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// The most voices that are listed.
const VOICES_MAX: usize = 1_000;
/// How many words a minute espeak speaks at a speed of 100 percent.
const WORDS_PER_MINUTE: u32 = 175;

/// What speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice(Program);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Synthesize {
    text: String,
    #[serde(default = "default")]
    voice: String,
    #[serde(default = "neutral")]
    emotion: String,
    #[serde(default = "hundred")]
    speed_percent: u32,
}

fn default() -> String {
    "default".to_owned()
}

fn neutral() -> String {
    "neutral".to_owned()
}

fn hundred() -> u32 {
    100
}

impl Voice {
    /// A program that reads text from its standard input and writes WAV to its standard output.
    /// `{voice}`, `{emotion}`, `{speed}` (percent) and `{wpm}` in its arguments are what a call asks for.
    /// espeak-ng is known: given without arguments it gets its own.
    #[must_use]
    pub fn new(program: Program) -> Self {
        Self(program)
    }

    fn is_espeak(&self) -> bool {
        self.0.is_bare() && matches!(self.0.name(), "espeak-ng" | "espeak")
    }

    pub(super) fn call(&self, call: &Call, budget: &mut Budget, outside: &mut Outside) -> Answered {
        match call.op.as_str() {
            "list_voices" => {
                none(call)?;
                self.voices(budget, outside).map(Into::into)
            }
            "synthesize" => self.synthesize(&checked(arguments(call)?)?, budget, outside),
            _ => Err(unknown_operation(call)),
        }
    }

    fn synthesize(&self, asked: &Synthesize, budget: &mut Budget, outside: &mut Outside) -> Answered {
        let speed = asked.speed_percent.to_string();
        let wpm = (WORDS_PER_MINUTE * asked.speed_percent / 100).to_string();
        let pitch = pitch(&asked.emotion).to_string();
        let voice = if self.is_espeak() && asked.voice == "default" { "en" } else { &asked.voice };
        let program = if self.is_espeak() {
            &self.0.with(&["--stdin", "--stdout", "-v", "{voice}", "-s", "{wpm}", "-p", "{pitch}"])
        } else {
            &self.0
        };
        let fill = [
            ("voice", voice),
            ("emotion", asked.emotion.as_str()),
            ("speed", speed.as_str()),
            ("wpm", wpm.as_str()),
            ("pitch", pitch.as_str()),
        ];
        let text = asked.text.clone().into_bytes();
        let bytes = outside.run(budget, program, &fill, text, FRAME_BLOB_BYTES_MAX)?;
        let sound = wav::read(&bytes).and_then(|sound| {
            if sound.samples.is_empty() { Err("it is silent".to_owned()) } else { Ok(sound) }
        });
        sound
            .map(clip)
            .map_err(|why| failure(code::CAPABILITY_FAILED, format!("cannot read the speech: {why}")))
    }

    fn voices(&self, budget: &mut Budget, outside: &mut Outside) -> Result<Value, Failure> {
        if !self.is_espeak() {
            return Ok(json!([{ "id": "default", "language": null }]));
        }
        let listed = outside.run(budget, &self.0.with(&["--voices"]), &[], Vec::new(), 1 << 20)?;
        Ok(voices(&String::from_utf8_lossy(&listed)))
    }
}

/// Refuses what could be taken for an option of the program, or is out of range.
fn checked(asked: Synthesize) -> Result<Synthesize, Failure> {
    let wrong = |what: &str| failure(code::CAPABILITY_BAD_CALL, format!("`synthesize`: {what}"));
    let is_name = |name: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '.' | '/');
        name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain)
    };
    if asked.text.len() > TEXT_BYTES_MAX || asked.text.trim().is_empty() {
        return Err(wrong("`text` says something, in at most 65536 bytes"));
    }
    if !is_name(&asked.voice) || !is_name(&asked.emotion) || asked.voice.contains("..") {
        return Err(wrong("`voice` and `emotion` are letters, digits, `-`, `_`, `+`, `.` and `/`"));
    }
    if !(25..=400).contains(&asked.speed_percent) {
        return Err(wrong("`speed_percent` is 25 to 400"));
    }
    Ok(asked)
}

/// How high espeak speaks; 50 is its own voice.
fn pitch(emotion: &str) -> u8 {
    match emotion {
        "happy" | "excited" => 70,
        "sad" | "calm" => 35,
        "angry" => 25,
        _ => 50,
    }
}

/// The list that espeak prints: priority, language, age and gender, name, file.
fn voices(listed: &str) -> Value {
    let voice = |line: &str| {
        let mut columns = line.split_whitespace().skip(1);
        let (language, _, name) = (columns.next()?, columns.next()?, columns.next()?);
        Some(json!({ "id": language, "language": language, "name": name.replace('_', " ") }))
    };
    listed.lines().skip(1).filter_map(voice).take(VOICES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_voices_is_read() {
        let listed = "Pty Language       Age/Gender VoiceName          File\n 5  af              --/M      Afrikaans          gmw/af\n 5  en-gb           --/M      English_(Great_Britain) gmw/en\nodd\n";
        let expected = json!([
            { "id": "af", "language": "af", "name": "Afrikaans" },
            { "id": "en-gb", "language": "en-gb", "name": "English (Great Britain)" },
        ]);
        assert_eq!(voices(listed), expected);
    }

    #[test]
    fn nothing_that_looks_like_an_option_reaches_the_program() {
        let asked = |voice: &str, text: &str, speed_percent| {
            let (voice, text, emotion) = (voice.to_owned(), text.to_owned(), neutral());
            checked(Synthesize { text, voice, emotion, speed_percent }).is_ok()
        };
        assert!(asked("en-us+f3", "hello", 100) && asked("gmw/en", "-w file", 400));
        assert!(!asked("-w", "hello", 100) && !asked("../x", "hello", 100) && !asked("a b", "hello", 100));
        assert!(!asked("en", " ", 100) && !asked("en", "hello", 24));
    }
}
