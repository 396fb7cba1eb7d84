//! Inputs that a schema does not allow, made from one that it does: each differs in one key. Pure.

use serde_json::{Map, Value, json};

/// A key that no schema has.
const STRANGER: &str = "orket-conformance";

/// What was changed, and the input that came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mutation {
    /// In words, such as `without npcs`.
    pub(super) what: String,
    /// The input.
    pub(super) input: Value,
}

/// Every mutation; none where the schema allows any object.
pub(super) fn all(schema: &Value, input: &Value) -> Vec<Mutation> {
    let (Some(properties), Some(input)) = (schema["properties"].as_object(), input.as_object()) else {
        return Vec::new();
    };
    let mut mutations = Vec::new();
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        mutations.push(changed(input, format!("without `{key}`"), |object| drop(object.remove(key))));
    }
    for (key, property) in properties {
        if let Some(wrong) = misfit(property) {
            let what = format!("with {wrong} as `{key}`");
            mutations.push(changed(input, what, |object| drop(object.insert(key.clone(), wrong))));
        }
    }
    let what = format!("with a key `{STRANGER}`");
    mutations.push(changed(input, what, |object| drop(object.insert(STRANGER.to_owned(), json!(true)))));
    mutations
}

fn changed(
    input: &Map<String, Value>,
    what: String,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Mutation {
    let mut input = input.clone();
    change(&mut input);
    Mutation { what, input: Value::Object(input) }
}

/// A value that the schema of a key does not allow; none where it says nothing that one could break.
fn misfit(property: &Value) -> Option<Value> {
    if property["enum"].is_array() {
        return Some(json!(STRANGER));
    }
    let is_choice = ["$ref", "allOf", "anyOf", "oneOf", "const"].iter().any(|word| !property[word].is_null());
    match property["type"].as_str() {
        Some("string") => Some(json!(7)),
        Some("array" | "boolean" | "integer" | "null" | "number" | "object") => Some(json!("conformance")),
        _ if is_choice => Some(json!({ STRANGER: [] })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_left_out_mistyped_or_misspelt_once() {
        let schema = json!({ "type": "object", "required": ["a"], "properties": {
            "a": { "type": "integer" }, "b": { "enum": ["x"] }, "c": {}, "d": { "type": "string" },
        } });
        let input = json!({ "a": 1 });
        let shown: Vec<String> =
            all(&schema, &input).into_iter().map(|mutation| mutation.input.to_string()).collect();
        let expected = [
            r#"{}"#,
            r#"{"a":"conformance"}"#,
            r#"{"a":1,"b":"orket-conformance"}"#,
            r#"{"a":1,"d":7}"#,
            r#"{"a":1,"orket-conformance":true}"#,
        ];
        assert_eq!(shown, expected);
        assert_eq!(all(&json!({ "type": "object" }), &input), []);
    }
}
