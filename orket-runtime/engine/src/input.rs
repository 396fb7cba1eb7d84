//! Compares an input with its workload's schema, so that a mistake has a place before anything starts.
//!
//! It knows the keywords that the schema derive writes for structs, lists and numbers and passes over all
//! others: what the author's type accepts is decided by that type, in the guest. A key that the schema
//! does not name is refused, because a misspelt one would give a run that nobody asked for.

use orket_contract::issue::Issue;
use orket_contract::{code, suggest};
use serde_json::{Map, Value};

/// Everything in which the input does not fit.
pub(crate) fn check(schema: &Value, input: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    walk(schema, input, "", &mut issues);
    issues
}

fn walk(schema: &Value, value: &Value, pointer: &str, issues: &mut Vec<Issue>) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        walk(part, value, pointer, issues);
    }
    if let Some(wanted) = schema["type"].as_str().filter(|wanted| !is_of(wanted, value)) {
        issues.push(issue(pointer, &format!("is {}, wanted is {wanted}", shown(value))));
        return;
    }
    bounds(schema, value, pointer, issues);
    if let Some(object) = value.as_object() {
        keys(schema, object, pointer, issues);
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        walk(&schema["items"], item, &format!("{pointer}/{at}"), issues);
    }
}

fn is_of(wanted: &str, value: &Value) -> bool {
    match wanted {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        _ => true,
    }
}

fn bounds(schema: &Value, value: &Value, pointer: &str, issues: &mut Vec<Issue>) {
    let Some(number) = value.as_f64() else { return };
    if let Some(least) = schema["minimum"].as_f64().filter(|least| number < *least) {
        issues.push(issue(pointer, &format!("is {value}, the least is {least}")));
    }
    if let Some(most) = schema["maximum"].as_f64().filter(|most| number > *most) {
        issues.push(issue(pointer, &format!("is {value}, the most is {most}")));
    }
}

fn keys(schema: &Value, object: &Map<String, Value>, pointer: &str, issues: &mut Vec<Issue>) {
    let Some(known) = schema["properties"].as_object() else { return };
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(key) {
            issues.push(issue(pointer, &format!("has no `{key}`")));
        }
    }
    let open = !matches!(schema["additionalProperties"], Value::Null | Value::Bool(false));
    for (key, value) in object {
        match known.get(key) {
            Some(schema) => walk(schema, value, &format!("{pointer}/{}", escaped(key)), issues),
            None if open => {}
            None => issues.push(unknown(key, known, pointer)),
        }
    }
}

fn unknown(key: &str, known: &Map<String, Value>, pointer: &str) -> Issue {
    let issue = issue(pointer, &format!("has a key `{key}` that the schema does not name"));
    let names = known.keys().map(String::as_str);
    match suggest::nearest(key, names.clone()) {
        Some(near) => issue.with_hint(format!("did you mean `{near}`?")),
        None => issue.with_hint(format!("keys: {}", names.collect::<Vec<_>>().join(", "))),
    }
}

fn issue(pointer: &str, what: &str) -> Issue {
    let place = if pointer.is_empty() { "the input".to_owned() } else { format!("`{pointer}` of the input") };
    Issue::error(code::INPUT_INVALID, format!("{place} {what}"))
}

/// A key within a JSON pointer (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// At most this much of a value is shown.
const SHOWN_CHARS: usize = 60;

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN_CHARS {
        return text;
    }
    text.chars().take(SHOWN_CHARS).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_input(input: &Value, expected: &[&str]) {
        let limit =
            json!({ "allOf": [{ "maximum": 255, "minimum": 0, "type": "integer" }], "description": "…" });
        let schema = json!({
            "properties": { "limit": limit, "names": { "items": { "type": "string" }, "type": "array" } },
            "required": ["names"],
            "type": "object",
        });
        let messages: Vec<_> = check(&schema, input).into_iter().map(|issue| issue.message).collect();
        assert_eq!(messages, expected);
    }

    #[test]
    fn every_mistake_has_its_place() {
        check_input(&json!({ "limit": 7, "names": ["a"] }), &[]);
        check_input(
            &json!({ "limit": 256, "names": [] }),
            &["`/limit` of the input is 256, the most is 255"],
        );
        check_input(&json!({ "names": ["a", 1] }), &["`/names/1` of the input is 1, wanted is string"]);
        check_input(
            &json!({ "limt": 3 }),
            &["the input has no `names`", "the input has a key `limt` that the schema does not name"],
        );
        check_input(&json!([]), &["the input is [], wanted is object"]);
    }

    #[test]
    fn what_is_not_known_is_left_to_the_type() {
        assert_eq!(check(&json!({ "oneOf": [], "type": "tuple" }), &json!(1)), []);
        assert_eq!(check(&json!({ "additionalProperties": { "type": "string" } }), &json!({ "a": 1 })), []);
        let hint = check(&json!({ "properties": { "limit": {} } }), &json!({ "limt": 1 })).remove(0).hint;
        assert_eq!(hint.as_deref(), Some("did you mean `limit`?"));
    }
}
