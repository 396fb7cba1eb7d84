//! Writes a value as RFC 8785 says, in one pass.
//!
//! Invariant: nothing with a fraction is written, so that the only numbers are integers, which every writer writes alike.

use super::Fault;
use crate::code;
use crate::limit::{DEPTH_MAX, INTEGER_MAX};
use serde_json::{Map, Number, Value};
use std::fmt::Write;

/// Why a value cannot be written, and where it lies.
pub(super) struct Refused {
    why: Why,
    /// The keys that lead to it, the last one first.
    path: Vec<String>,
}

enum Why {
    TooDeep,
    Number(Number),
}

/// Appends a value that nests at most `depth` levels.
pub(super) fn value(value: &Value, text: &mut String, depth: usize) -> Result<(), Refused> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(found) => number(found, text)?,
        Value::String(found) => string(found, text),
        Value::Array(items) => array(items, text, deeper(depth)?)?,
        Value::Object(entries) => object(entries, text, deeper(depth)?)?,
    }
    Ok(())
}

fn deeper(depth: usize) -> Result<usize, Refused> {
    depth.checked_sub(1).ok_or_else(|| Refused::at_once(Why::TooDeep))
}

fn number(number: &Number, text: &mut String) -> Result<(), Refused> {
    let fits = match (number.as_u64(), number.as_i64()) {
        (Some(n), _) => n <= INTEGER_MAX,
        (None, Some(n)) => n.unsigned_abs() <= INTEGER_MAX,
        (None, None) => false,
    };
    if !fits {
        return Err(Refused::at_once(Why::Number(number.clone())));
    }
    // Writing to a string cannot fail.
    let _ = write!(text, "{number}");
    Ok(())
}

fn array(items: &[Value], text: &mut String, depth: usize) -> Result<(), Refused> {
    text.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        value(item, text, depth).map_err(|refused| refused.below(&at))?;
    }
    text.push(']');
    Ok(())
}

/// Appends an object whose entries nest at most `depth` levels.
pub(super) fn object(entries: &Map<String, Value>, text: &mut String, depth: usize) -> Result<(), Refused> {
    text.push('{');
    if entries.keys().is_sorted_by(|a, b| is_before(a, b)) {
        members(entries.iter(), text, depth)?;
    } else {
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_unstable_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        members(sorted.into_iter(), text, depth)?;
    }
    text.push('}');
    Ok(())
}

fn members<'a>(
    entries: impl Iterator<Item = (&'a String, &'a Value)>,
    text: &mut String,
    depth: usize,
) -> Result<(), Refused> {
    for (at, (key, entry)) in entries.enumerate() {
        if at > 0 {
            text.push(',');
        }
        string(key, text);
        text.push(':');
        value(entry, text, depth).map_err(|refused| refused.below(key))?;
    }
    Ok(())
}

/// The order of UTF-16 units; that of bytes is the same as long as there are only ASCII characters.
fn is_before(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() { a < b } else { a.encode_utf16().lt(b.encode_utf16()) }
}

/// Appends a string in quotes; what needs no escape is copied in one piece.
pub(super) fn string(string: &str, text: &mut String) {
    text.push('"');
    let mut rest = string;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        text.push_str(&rest[..at]);
        escape(rest.as_bytes()[at], text);
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
    text.push('"');
}

fn escape(byte: u8, text: &mut String) {
    let short = match byte {
        b'"' => "\\\"",
        b'\\' => "\\\\",
        0x08 => "\\b",
        0x09 => "\\t",
        0x0a => "\\n",
        0x0c => "\\f",
        0x0d => "\\r",
        other => {
            let _ = write!(text, "\\u{other:04x}");
            return;
        }
    };
    text.push_str(short);
}

impl Refused {
    fn at_once(why: Why) -> Self {
        Self { why, path: Vec::new() }
    }

    fn below(mut self, key: &impl ToString) -> Self {
        self.path.push(key.to_string());
        self
    }

    /// The refusal with the place as a JSON pointer.
    pub(super) fn fault(self) -> Fault {
        let escaped = |key: &String| format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        let pointer: String = self.path.iter().rev().map(escaped).collect();
        match self.why {
            Why::TooDeep => {
                Fault::new(code::JSON_TOO_DEEP, format!("`{pointer}` nests deeper than {DEPTH_MAX} levels"))
            }
            Why::Number(number) => {
                let place = if pointer.is_empty() { "the value".to_owned() } else { format!("`{pointer}`") };
                let message = format!(
                    "{place} is {number}: hashed numbers are integers within ±(2^53 − 1); write it as a string"
                );
                Fault::new(code::JSON_NUMBER, message)
            }
        }
    }
}
