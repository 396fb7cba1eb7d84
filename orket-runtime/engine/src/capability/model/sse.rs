//! Reads what an OpenAI-compatible endpoint answers: JSON, or server-sent events with JSON in them.
//!
//! Source: the server-sent events of the HTML standard; chat completions of the OpenAI API.
//! Invariant: an event is bounded before it is kept; unknown fields are passed over.

use super::Usage;
use serde_json::Value;

/// The largest event, in bytes (1 MiB).
pub const EVENT_BYTES_MAX: usize = 1 << 20;

/// The events of a stream, fed in pieces.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    data: Option<String>,
    after_cr: bool,
}

/// An event is larger than [`EVENT_BYTES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl Events {
    /// Takes bytes and gives the data of the events that they complete.
    ///
    /// # Errors
    /// [`TooLarge`]; the stream cannot be used any more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLarge> {
        let mut events = Vec::new();
        for &byte in bytes {
            // A line ends with CR, LF or both.
            match byte {
                b'\n' if self.after_cr => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                byte => self.line.push(byte),
            }
            self.after_cr = byte == b'\r';
            if self.line.len() + self.data.as_ref().map_or(0, String::len) > EVENT_BYTES_MAX {
                return Err(TooLarge);
            }
        }
        Ok(events)
    }

    /// Takes a whole line; an empty one ends an event.
    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.data.take();
        }
        let line = String::from_utf8_lossy(&line);
        let value = line.strip_prefix("data:").or_else(|| (line == "data").then_some(""))?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            data => *data = Some(value.to_owned()),
        }
        None
    }
}

/// What one event, or a whole answer, says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Piece {
    /// Text.
    pub text: String,
    /// Who says it.
    pub model: Option<String>,
    /// What it took: tokens of the prompt and of the text.
    pub tokens: Option<(u64, u64)>,
    /// Whether it is the last.
    pub last: bool,
}

/// Reads the data of an event, or the body of an answer.
///
/// # Errors
/// It is no JSON object with `choices`, or it is an error of the endpoint: in its own words.
pub fn piece(data: &str) -> Result<Piece, String> {
    if data.trim() == "[DONE]" {
        return Ok(Piece { last: true, ..Piece::default() });
    }
    let value: Value = serde_json::from_str(data).map_err(|_| "the endpoint sent no JSON".to_owned())?;
    if let Some(error) = error(&value) {
        return Err(format!("the endpoint says: {error}"));
    }
    let choices = value.get("choices").and_then(Value::as_array);
    let choices = choices.ok_or_else(|| "the endpoint sent no `choices`".to_owned())?;
    let said = |choice: &Value| {
        let content = choice.get("delta").or_else(|| choice.get("message"))?.get("content")?;
        content.as_str().map(str::to_owned)
    };
    Ok(Piece {
        text: choices.first().and_then(said).unwrap_or_default(),
        model: value.get("model").and_then(Value::as_str).map(str::to_owned),
        tokens: value.get("usage").filter(|usage| usage.is_object()).map(|_| {
            let Usage { prompt_tokens, completion_tokens } = usage(&value);
            (prompt_tokens, completion_tokens)
        }),
        last: false,
    })
}

/// The error that an endpoint reports, shortened.
#[must_use]
pub fn error(value: &Value) -> Option<String> {
    let error = value.get("error").filter(|error| !error.is_null())?;
    let message = error.as_str().or_else(|| error.get("message")?.as_str()).unwrap_or("an error");
    Some(message.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// The `usage` of an answer; what is missing counts as 0, what no JSON reader agrees on too.
pub(super) fn usage(value: &Value) -> Usage {
    let usage = value.get("usage").unwrap_or(&Value::Null);
    let count =
        |name: &str| usage.get(name).and_then(Value::as_u64).filter(|count| *count < 1 << 53).unwrap_or(0);
    Usage { completion_tokens: count("completion_tokens"), prompt_tokens: count("prompt_tokens") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_however_they_are_cut() {
        let stream =
            b": hello\r\ndata: a\r\ndata:b\r\n\r\nevent: x\nid: 1\ndata:  c\n\n\n\ndata\rdata\r\rdata: lost";
        for cut in 0..stream.len() {
            let mut events = Events::default();
            let mut all = events.push(&stream[..cut]).expect("small");
            all.extend(events.push(&stream[cut..]).expect("small"));
            assert_eq!(all, ["a\nb", " c", "\n"], "{cut}");
        }
    }

    #[test]
    fn an_endless_event_is_refused() {
        let line = [b"data: ".as_slice(), &vec![b'x'; EVENT_BYTES_MAX]].concat();
        assert_eq!(Events::default().push(&line), Err(TooLarge));
        let lines = b"data: xxxxxxxxxxxxxxxx\n".repeat(EVENT_BYTES_MAX / 16);
        assert_eq!(Events::default().push(&lines), Err(TooLarge));
    }

    #[test]
    fn answers_and_pieces_are_read() {
        let whole = piece(
            r#"{"model":"m","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
        );
        let expected =
            Piece { text: "hi".into(), model: Some("m".into()), tokens: Some((1, 2)), last: false };
        assert_eq!(whole, Ok(expected));
        assert_eq!(
            piece(r#"{"choices":[{"delta":{"content":"h"}}]}"#).map(|piece| piece.text),
            Ok("h".into())
        );
        assert_eq!(
            piece(r#"{"choices":[{"delta":{"role":"assistant"}}],"usage":null}"#),
            Ok(Piece::default())
        );
        assert!(piece("[DONE]").expect("the end").last);
        for wrong in ["", "7", "{}", "{\"choices\":7}", "{\"error\":{\"message\":\"no\"},\"choices\":[]}"] {
            assert!(piece(wrong).is_err(), "{wrong}");
        }
    }
}
