//! The first place at which two runs, or a run and a golden file, differ.

use std::fmt;

use serde_json::Value;

/// Where two things differ first, and how.
///
/// ```
/// use orket_runtime::testing::Difference;
/// let difference = Difference {
///     place: "`/output/turns`".to_owned(),
///     first: "12".to_owned(),
///     other: "13".to_owned(),
/// };
/// assert_eq!(difference.to_string(), "`/output/turns` differs\n  first: 12\n  other: 13");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// A JSON pointer, or a file and the offset of a byte in it.
    pub place: String,
    /// What is there in the first.
    pub first: String,
    /// What is there in the other.
    pub other: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} differs\n  first: {}\n  other: {}", self.place, self.first, self.other)
    }
}

/// What stands for a value that is not there.
const NOTHING: &str = "(nothing)";

/// The first difference of two JSON values: by key, then by index.
pub(super) fn of_json(first: &Value, other: &Value) -> Option<Difference> {
    let mut pointer = String::new();
    descend(Some(first), Some(other), &mut pointer)
}

fn descend(first: Option<&Value>, other: Option<&Value>, pointer: &mut String) -> Option<Difference> {
    if first == other {
        return None;
    }
    let steps: Vec<String> = match (first, other) {
        (Some(Value::Object(first)), Some(Value::Object(other))) => {
            let mut keys: Vec<_> = first.keys().chain(other.keys()).cloned().collect();
            keys.sort();
            keys.dedup();
            keys
        }
        (Some(Value::Array(first)), Some(Value::Array(other))) => {
            (0..first.len().max(other.len())).map(|at| at.to_string()).collect()
        }
        _ => return Some(differ(pointer, first, other)),
    };
    let length = pointer.len();
    for step in steps {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        if let Some(difference) = descend(child(first, &step), child(other, &step), pointer) {
            return Some(difference);
        }
        pointer.truncate(length);
    }
    None
}

fn child<'a>(value: Option<&'a Value>, step: &str) -> Option<&'a Value> {
    match value? {
        Value::Object(entries) => entries.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

fn differ(pointer: &str, first: Option<&Value>, other: Option<&Value>) -> Difference {
    let shown = |value: Option<&Value>| value.map_or(NOTHING.to_owned(), |value| short(&value.to_string()));
    let place = if pointer.is_empty() { "the value".to_owned() } else { format!("`{pointer}`") };
    Difference { place, first: shown(first), other: shown(other) }
}

/// The first difference of two files: the pointer where both are JSON of other values, else the byte.
pub(super) fn of_files(name: &str, first: Option<&[u8]>, other: Option<&[u8]>) -> Option<Difference> {
    if first == other {
        return None;
    }
    let (Some(left), Some(right)) = (first, other) else {
        let shown = |bytes: Option<&[u8]>| bytes.map_or(NOTHING.to_owned(), |b| format!("{} bytes", b.len()));
        return Some(Difference { place: name.to_owned(), first: shown(first), other: shown(other) });
    };
    let at = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let json = |bytes| serde_json::from_slice::<Value>(bytes).ok();
    let deeper = json(left).zip(json(right)).and_then(|(left, right)| of_json(&left, &right));
    Some(match deeper {
        Some(Difference { place, first, other }) => {
            Difference { place: format!("{name} at byte {at}, {place}"), first, other }
        }
        None => Difference {
            place: format!("{name} at byte {at}"),
            first: excerpt(left, at),
            other: excerpt(right, at),
        },
    })
}

/// The line around a byte, or what is there when the file is no text.
fn excerpt(bytes: &[u8], at: usize) -> String {
    if at == bytes.len() {
        return "(the end)".to_owned();
    }
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let start = start.max(at.saturating_sub(40));
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length);
    let end = end.max(at + 1).min(at + 40);
    format!("\"{}\"", bytes[start..end.min(bytes.len())].escape_ascii())
}

/// A text that fits a line of a report.
fn short(text: &str) -> String {
    const CHARACTERS: usize = 200;
    match text.char_indices().nth(CHARACTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(first: &Value, other: &Value, expected: Option<(&str, &str, &str)>) {
        let found = of_json(first, other);
        let found = found.as_ref().map(|d| (d.place.as_str(), d.first.as_str(), d.other.as_str()));
        assert_eq!(found, expected);
    }

    #[test]
    fn json_differs_at_a_pointer() {
        check(&json!({ "a": 1 }), &json!({ "a": 1 }), None);
        check(&json!({ "a": 1, "b": 2 }), &json!({ "b": 3, "a": 1 }), Some(("`/b`", "2", "3")));
        check(&json!({ "a/b": [1, 2] }), &json!({ "a/b": [1] }), Some(("`/a~1b/1`", "2", "(nothing)")));
        check(&json!([]), &json!({}), Some(("the value", "[]", "{}")));
    }

    #[test]
    fn files_differ_at_a_byte() {
        let of = |first: &str, other: &str| of_files("f", Some(first.as_bytes()), Some(other.as_bytes()));
        assert_eq!(of("same", "same"), None);
        let difference = of("one\ntwo\n", "one\ntoo\n").unwrap();
        assert_eq!(difference.to_string(), "f at byte 5 differs\n  first: \"two\"\n  other: \"too\"");
        assert_eq!(of("one", "one\n").unwrap().first, "(the end)");
        assert_eq!(of("one", "one\n").unwrap().other, "\"one\\n\"");
        assert_eq!(of("{\"a\":1}", "{\"a\":2}").unwrap().place, "f at byte 5, `/a`");
        assert_eq!(of("{\"a\":1}", "{\"a\": 1}").unwrap().place, "f at byte 5");
        assert_eq!(of_files("f", None, Some(b"ab")).unwrap().other, "2 bytes");
    }
}
