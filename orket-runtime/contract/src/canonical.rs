//! Canonical JSON (RFC 8785) for everything that is hashed.
//!
//! Stricter than the RFC on purpose: numbers are integers within ±(2^53 − 1), because fractions and
//! larger integers do not survive every reader; a 64-bit value travels as a decimal string.

mod finite;
mod write;

use crate::code;
use crate::limit::DEPTH_MAX;
use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Why a value has no canonical form, or a text no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One of the `json.*` codes.
    pub code: &'static str,
    /// What is wrong, with the place where it is known.
    pub message: String,
    /// Line and column from 1 when the fault is in a text; zeros otherwise.
    pub place: (usize, usize),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: (0, 0) }
    }
}

/// The canonical bytes of a value.
///
/// ```
/// # #[cfg(feature = "digest")] {
/// let value = serde_json::json!({ "b": 1, "a": [true, null] });
/// assert_eq!(orket_contract::canonical::to_string(&value).unwrap(), r#"{"a":[true,null],"b":1}"#);
/// # }
/// ```
///
/// # Errors
/// `json.number` for fractions, non-finite numbers and integers beyond 2^53 − 1; `json.too-deep`.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Fault> {
    finite::check(value)?;
    let value =
        serde_json::to_value(value).map_err(|error| Fault::new(code::JSON_SYNTAX, error.to_string()))?;
    of(&value)
}

/// The canonical bytes of a JSON value.
///
/// # Errors
/// As [`to_string`].
pub fn of(value: &Value) -> Result<String, Fault> {
    let mut text = String::new();
    write::value(value, &mut text, DEPTH_MAX).map_err(write::Refused::fault)?;
    Ok(text)
}

/// The canonical bytes of a JSON object.
///
/// # Errors
/// As [`to_string`].
pub fn of_object(entries: &Map<String, Value>) -> Result<String, Fault> {
    let mut text = String::new();
    write::object(entries, &mut text, DEPTH_MAX - 1).map_err(write::Refused::fault)?;
    Ok(text)
}

/// Appends the canonical JSON of a string.
pub fn push_string(text: &mut String, string: &str) {
    write::string(string, text);
}

/// Reads JSON, refusing what would be read differently elsewhere: duplicate keys and deep nesting.
///
/// ```
/// # #[cfg(feature = "digest")] {
/// let fault = orket_contract::canonical::parse(r#"{"a":1,"a":2}"#).unwrap_err();
/// assert_eq!(fault.code, "json.duplicate-key");
/// # }
/// ```
///
/// # Errors
/// `json.syntax`, `json.duplicate-key`, `json.too-deep`, each with line and column.
pub fn parse(text: &str) -> Result<Value, Fault> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: DEPTH_MAX }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| located(text, &error))?;
    Ok(value)
}

fn located(text: &str, error: &serde_json::Error) -> Fault {
    let told = error.to_string();
    let bare = told.rsplit_once(" at line ").map_or(told.as_str(), |(bare, _)| bare);
    let code = if bare.starts_with("duplicate key") {
        code::JSON_DUPLICATE_KEY
    } else if bare.starts_with("nests deeper") || bare.starts_with("recursion limit") {
        code::JSON_TOO_DEEP
    } else if bare.starts_with("number out of range") {
        code::JSON_NUMBER
    } else {
        code::JSON_SYNTAX
    };
    Fault { code, message: bare.to_owned(), place: (error.line(), column(text, error)) }
}

/// serde_json counts bytes, people count characters.
fn column(text: &str, error: &serde_json::Error) -> usize {
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let bytes = error.column().min(line.len());
    line[..line.floor_char_boundary(bytes)].chars().count() + error.column() - bytes
}

/// Builds a [`Value`] like serde_json does, but strictly.
struct Strict {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Strict {
    fn inner<E: serde::de::Error>(&self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        depth
            .map(|depth| Self { depth })
            .ok_or_else(|| E::custom(format!("nests deeper than {DEPTH_MAX} levels")))
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.inner()?)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if entries.contains_key(&key) {
                return Err(A::Error::custom(format!("duplicate key `{key}`")));
            }
            let value = map.next_value_seed(self.inner()?)?;
            entries.insert(key, value);
        }
        Ok(Value::Object(entries))
    }
}
