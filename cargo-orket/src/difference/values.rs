//! Every place in which two JSON values differ.

use super::Cut;
use orket_engine::journal::first_difference;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most bytes of JSON that are kept of one value.
const VALUE_BYTES_MAX: usize = 2_048;

/// The places in which two values differ.
pub(crate) type Values = Cut<Changed>;

/// One place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Changed {
    /// The JSON pointer (RFC 6901).
    pub(crate) pointer: String,
    /// What the first has there; nothing when the second has more.
    pub(crate) left: Option<Value>,
    /// What the second has there.
    pub(crate) right: Option<Value>,
}

impl Values {
    /// Compares two values.
    pub(crate) fn between(left: &Value, right: &Value, limit: usize) -> Self {
        let mut values = Self { shown: Vec::new(), more: 0 };
        values.walk(String::new(), Some(left), Some(right), limit);
        values
    }

    fn walk(&mut self, pointer: String, left: Option<&Value>, right: Option<&Value>, limit: usize) {
        if left == right {
            return;
        }
        match (left, right) {
            (Some(Value::Object(a)), Some(Value::Object(b))) => {
                let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for key in keys {
                    let escaped = key.replace('~', "~0").replace('/', "~1");
                    self.walk(format!("{pointer}/{escaped}"), a.get(key), b.get(key), limit);
                }
            }
            (Some(Value::Array(a)), Some(Value::Array(b))) => {
                for at in 0..a.len().max(b.len()) {
                    self.walk(format!("{pointer}/{at}"), a.get(at), b.get(at), limit);
                }
            }
            _ if self.shown.len() < limit => {
                let clip = |value: Option<&Value>| value.map(clipped);
                self.shown.push(Changed { pointer, left: clip(left), right: clip(right) });
            }
            _ => self.more += 1,
        }
    }

    /// How many places there are.
    pub(crate) fn count(&self) -> usize {
        self.shown.len() + self.more
    }
}

impl Changed {
    /// The first place in which two values differ.
    pub(crate) fn first(left: &Value, right: &Value) -> Option<Self> {
        let (pointer, left, right) = first_difference(left, right)?;
        Some(Self { pointer, left: left.as_ref().map(clipped), right: right.as_ref().map(clipped) })
    }
}

/// The value, or the beginning of its JSON when that is long.
pub(crate) fn clipped(value: &Value) -> Value {
    let text = match value {
        Value::String(text) if text.len() <= VALUE_BYTES_MAX => return value.clone(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.len() <= VALUE_BYTES_MAX {
        return value.clone();
    }
    let end = (0..=VALUE_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    json!(format!("{}… ({} bytes in all)", &text[..end], text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_a_pointer_and_the_rest_is_counted() {
        let left = json!({ "a/b": [1, 2, 3], "same": { "x": null }, "gone": true });
        let right = json!({ "a/b": [1, 9], "same": { "x": null }, "new": {} });
        let values = Values::between(&left, &right, 3);
        let pointers: Vec<_> = values.shown.iter().map(|changed| changed.pointer.as_str()).collect();
        assert_eq!((pointers, values.more), (vec!["/a~1b/1", "/a~1b/2", "/gone"], 1));
        assert_eq!(values.shown[1].right, None);
        assert_eq!(Values::between(&left, &left, 3).count(), 0);
        assert!(clipped(&json!("é".repeat(5_000))).to_string().len() < 2_200);
    }
}
