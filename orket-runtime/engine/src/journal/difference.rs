//! The first place where two things differ, with both values.

use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// In which part of a run the difference lies. The order is causal: the first is the cause of the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "part")]
pub enum Place {
    /// The compiled plan.
    Plan,
    /// The input, the snapshot of `kv` or a material.
    Input,
    /// An event of the transcript.
    Transcript {
        /// Which one, from 0.
        index: u64,
    },
    /// The bytes of an artifact.
    Artifact {
        /// Its path.
        path: String,
        /// The first byte that differs, from 0, where both are at hand.
        offset: Option<u64>,
    },
    /// The output of the workload.
    Output,
    /// What a run came to that has been removed: of it only the digests are left.
    Digests,
    /// How a run ended: one gave a result, the other was refused.
    Ending,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan => write!(f, "the plan"),
            Self::Input => write!(f, "the input"),
            Self::Transcript { index } => write!(f, "event {index} of the transcript"),
            Self::Artifact { path, offset: Some(offset) } => {
                write!(f, "byte {offset} of the artifact `{path}`")
            }
            Self::Artifact { path, offset: None } => write!(f, "the artifact `{path}`"),
            Self::Output => write!(f, "the output"),
            Self::Ending => write!(f, "how it ended"),
            Self::Digests => write!(f, "the digests of an earlier run that was removed"),
        }
    }
}

/// The first difference between a run and the one that it must repeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Divergence {
    /// Where it is.
    pub place: Place,
    /// The JSON pointer (RFC 6901) within that place; empty for the whole.
    pub pointer: String,
    /// What was expected; nothing when the run did more than expected.
    pub expected: Option<Value>,
    /// What came instead; nothing when the run did less.
    pub actual: Option<Value>,
    /// The events before it, at most five.
    pub before: Vec<Value>,
    /// The two programs, where they are not the same: then that comes before everything else that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Builds>,
}

/// The programs of two runs, by digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Builds {
    /// The one that was expected.
    pub expected: Digest,
    /// The one that ran.
    pub actual: Digest,
}

impl Divergence {
    /// Narrows two values that differ down to the first part that does.
    #[must_use]
    pub fn between(place: Place, expected: Option<Value>, actual: Option<Value>, before: Vec<Value>) -> Self {
        match (&expected, &actual) {
            (Some(left), Some(right)) => {
                let (pointer, left, right) = first(left, right).unwrap_or_default();
                Self { place, pointer, expected: left, actual: right, before, build: None }
            }
            _ => Self { place, pointer: String::new(), expected, actual, before, build: None },
        }
    }

    /// The same, between runs of these programs.
    #[must_use]
    pub(crate) fn of_programs(self, expected: Option<Digest>, actual: Digest) -> Self {
        let differs = expected.filter(|expected| *expected != actual);
        Self { build: differs.map(|expected| Builds { expected, actual }), ..self }
    }

    /// The divergence as an issue.
    #[must_use]
    pub fn issue(&self) -> Issue {
        Issue::error(code::REPLAY_DIVERGED, self.to_string())
            .with_details(serde_json::to_value(self).unwrap_or_default())
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the run differs from the one it must repeat, first in {}", self.place)?;
        if !self.pointer.is_empty() {
            write!(f, " at {}", self.pointer)?;
        }
        write!(f, ": expected {}, got {}", shown(self.expected.as_ref()), shown(self.actual.as_ref()))?;
        if self.build.is_some() { f.write_str("; the program is another one, too") } else { Ok(()) }
    }
}

/// At most this much of a value is shown in a message.
const SHOWN_CHARS: usize = 120;

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    if text.chars().count() <= SHOWN_CHARS {
        return text;
    }
    text.chars().take(SHOWN_CHARS).chain(['…']).collect()
}

/// The pointer to the first part in which two values differ, and both parts; `None` when they are equal.
///
/// ```
/// use serde_json::json;
/// let (pointer, left, right) =
///     orket_engine::journal::first_difference(&json!({"a": [1, 2]}), &json!({"a": [1, 3]})).unwrap();
/// assert_eq!((pointer.as_str(), left, right), ("/a/1", Some(json!(2)), Some(json!(3))));
/// ```
#[must_use]
pub fn first(left: &Value, right: &Value) -> Option<(String, Option<Value>, Option<Value>)> {
    if left == right {
        return None;
    }
    let inner = match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
            keys.into_iter().find_map(|key| part(&escaped(key), a.get(key), b.get(key)))
        }
        (Value::Array(a), Value::Array(b)) => {
            (0..a.len().max(b.len())).find_map(|at| part(&at.to_string(), a.get(at), b.get(at)))
        }
        _ => None,
    };
    inner.or_else(|| Some((String::new(), Some(left.clone()), Some(right.clone()))))
}

fn part(
    key: &str,
    left: Option<&Value>,
    right: Option<&Value>,
) -> Option<(String, Option<Value>, Option<Value>)> {
    match (left, right) {
        (Some(left), Some(right)) => {
            first(left, right).map(|(pointer, left, right)| (format!("/{key}{pointer}"), left, right))
        }
        (left, right) => Some((format!("/{key}"), left.cloned(), right.cloned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(left: &Value, right: &Value, expected: Option<&str>) {
        assert_eq!(first(left, right).map(|(pointer, ..)| pointer).as_deref(), expected);
    }

    #[test]
    fn another_program_is_named_and_an_equal_one_is_not() {
        let [one, other] = [b"one".as_slice(), b"other"].map(Digest::of);
        let divergence = || Divergence::between(Place::Output, Some(json!(1)), Some(json!(2)), Vec::new());
        for (expected, is_named) in [(Some(one), false), (Some(other), true), (None, false)] {
            let divergence = divergence().of_programs(expected, one);
            assert_eq!(divergence.build.is_some(), is_named);
            assert_eq!(
                divergence.to_string().contains("the program is another one"),
                is_named,
                "{divergence}"
            );
        }
    }

    #[test]
    fn the_first_difference_has_a_pointer() {
        check(&json!(1), &json!(1), None);
        check(&json!(1), &json!(2), Some(""));
        check(&json!({"a": 1}), &json!({"a": 1, "b": 2}), Some("/b"));
        check(&json!([1, 2]), &json!([1]), Some("/1"));
        check(&json!({"a/b": {"~": [0]}}), &json!({"a/b": {"~": [1]}}), Some("/a~1b/~0/0"));
        check(&json!({"a": []}), &json!({"a": {}}), Some("/a"));
    }
}
