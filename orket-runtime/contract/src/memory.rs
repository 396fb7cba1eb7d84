//! What `memory.query` and `memory.write` do: the host's behaviour, and that of the fakes in tests.
//!
//! Invariant: an answer depends on what was written and on the snapshot that a run starts from, and
//! on nothing else; records are ranked by whole words, ties by key.

use crate::code;
use crate::digest::{Digest, domain};
use crate::protocol::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most records of one scope.
pub const RECORDS_MAX: usize = 10_000;
/// The longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 256;
/// The longest value, in bytes (64 KiB).
pub const VALUE_BYTES_MAX: usize = 64 << 10;
/// The most bytes of all keys, values and metadata of one scope (8 MiB).
pub const SCOPE_BYTES_MAX: usize = 8 << 20;

/// How long a record is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// For the rest of the run.
    #[serde(rename = "session_memory")]
    Session,
    /// In the snapshot that a later run may start from.
    #[serde(rename = "profile_memory")]
    Profile,
}

/// Something remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Facts beside it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// What is remembered.
    pub value: String,
}

type Records = BTreeMap<String, Entry>;

/// The records of a profile by key. As JSON it is a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(Records);

impl Profile {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is remembered under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.0.get(key)
    }

    /// The digest of the snapshot.
    ///
    /// # Errors
    /// `json.number` when metadata has no canonical form.
    pub fn digest(&self) -> Result<Digest, crate::canonical::Fault> {
        Digest::within_json(domain::MEMORY, self)
    }
}

/// Both scopes of one run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    session: Records,
    /// What the run may hand on.
    pub profile: Profile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Write {
    scope: Scope,
    key: String,
    value: String,
    #[serde(default)]
    metadata: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    scope: Scope,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    scope: Scope,
    query: String,
    #[serde(default = "ten")]
    limit: usize,
}

fn ten() -> usize {
    10
}

impl Memory {
    /// A memory that knows a profile and nothing of the session yet.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        Self { session: Records::new(), profile }
    }

    /// Carries out an operation of `memory.query` or `memory.write`.
    ///
    /// # Errors
    /// `capability.bad-call`; `capability.failed` when a scope is full.
    pub fn call(&mut self, capability: &str, op: &str, args: &Map<String, Value>) -> Result<Value, Failure> {
        match (capability, op) {
            ("memory.query", "query") => self.query(&arguments(op, args)?),
            ("memory.write", "write") => self.write(arguments(op, args)?),
            ("memory.write", "delete") => {
                let Delete { scope, key } = arguments(op, args)?;
                Ok(self.scope(scope).remove(&key).is_some().into())
            }
            _ => Err(wrong(format!("`{op}` is not an operation of `{capability}`"))),
        }
    }

    fn scope(&mut self, scope: Scope) -> &mut Records {
        match scope {
            Scope::Session => &mut self.session,
            Scope::Profile => &mut self.profile.0,
        }
    }

    fn write(&mut self, Write { scope, key, value, metadata }: Write) -> Result<Value, Failure> {
        if key.is_empty() || key.len() > KEY_BYTES_MAX || value.len() > VALUE_BYTES_MAX {
            let bounds = format!("a key has 1 to {KEY_BYTES_MAX} bytes, a value at most {VALUE_BYTES_MAX}");
            return Err(wrong(bounds));
        }
        let records = self.scope(scope);
        let entry = Entry { metadata, value };
        let others = records.iter().filter(|(other, _)| **other != key);
        let bytes = size(&key, &entry) + others.map(|(key, entry)| size(key, entry)).sum::<usize>();
        if bytes > SCOPE_BYTES_MAX || (records.len() == RECORDS_MAX && !records.contains_key(&key)) {
            let message = format!("a scope holds at most {RECORDS_MAX} records of {SCOPE_BYTES_MAX} bytes");
            return Err(Failure { code: code::CAPABILITY_FAILED.to_owned(), message, location: None });
        }
        let replaced = records.insert(key, entry).is_some();
        Ok(json!({ "replaced": replaced }))
    }

    /// The records that share words with the query, the best first; all of them for an empty query.
    fn query(&mut self, Query { scope, query, limit }: &Query) -> Result<Value, Failure> {
        if !(1..=100).contains(limit) {
            return Err(wrong("`limit` is 1 to 100".to_owned()));
        }
        let wanted = words(query);
        let scored = self.scope(*scope).iter().map(|(key, entry)| (score(&wanted, key, entry), key, entry));
        let mut found: Vec<_> = scored.filter(|(score, ..)| *score > 0 || wanted.is_empty()).collect();
        // Stable, over records in the order of their keys.
        found.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
        let shown = found.into_iter().take(*limit).map(|(score, key, entry)| {
            json!({ "key": key, "metadata": entry.metadata, "score": score, "value": entry.value })
        });
        Ok(shown.collect())
    }
}

/// A word of the key counts twice as much as one of the value.
fn score(wanted: &BTreeSet<String>, key: &str, entry: &Entry) -> usize {
    let (key, value) = (words(key), words(&entry.value));
    wanted.iter().map(|word| 2 * usize::from(key.contains(word)) + usize::from(value.contains(word))).sum()
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn size(key: &str, entry: &Entry) -> usize {
    let metadata = if entry.metadata.is_empty() { 0 } else { json!(entry.metadata).to_string().len() };
    key.len() + entry.value.len() + metadata
}

fn arguments<T: DeserializeOwned>(op: &str, args: &Map<String, Value>) -> Result<T, Failure> {
    T::deserialize(Value::Object(args.clone())).map_err(|error| wrong(format!("`{op}`: {error}")))
}

fn wrong(message: String) -> Failure {
    Failure { code: code::CAPABILITY_BAD_CALL.to_owned(), message, location: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(memory: &mut Memory, op: &str, args: &Value) -> Result<Value, String> {
        let capability = if op == "query" { "memory.query" } else { "memory.write" };
        let args = args.as_object().cloned().unwrap_or_default();
        memory.call(capability, op, &args).map_err(|failure| failure.code)
    }

    fn filled() -> Memory {
        let mut memory = Memory::default();
        for (key, value) in [("drink", "likes green tea"), ("tea", "none left"), ("music", "Bach, loud")] {
            let args = json!({ "scope": "profile_memory", "key": key, "value": value });
            assert_eq!(call(&mut memory, "write", &args), Ok(json!({ "replaced": false })));
        }
        memory
    }

    #[track_caller]
    fn check(query: &str, expected: &[&str]) {
        let args = json!({ "scope": "profile_memory", "query": query });
        let found = call(&mut filled(), "query", &args).expect("records");
        let keys: Vec<_> = found.as_array().expect("a list").iter().map(|record| &record["key"]).collect();
        assert_eq!(keys, expected, "{query}");
    }

    #[test]
    fn records_are_ranked_by_words_and_ties_by_key() {
        check("TEA!", &["tea", "drink"]);
        check("green tea left", &["tea", "drink"]);
        check("bach", &["music"]);
        check("te", &[]);
        check("", &["drink", "music", "tea"]);
    }

    #[test]
    fn scopes_are_apart_and_only_the_profile_is_a_snapshot() {
        let mut memory = filled();
        let args = json!({ "scope": "session_memory", "key": "mood", "value": "good" });
        call(&mut memory, "write", &args).expect("written");
        let again: Profile = serde_json::from_value(json!(memory.profile)).expect("a snapshot");
        assert_eq!(again.digest(), memory.profile.digest());
        assert!(!json!(again).to_string().contains("mood"));
        let gone = json!({ "scope": "profile_memory", "key": "tea" });
        assert_eq!(call(&mut memory, "delete", &gone), Ok(json!(true)));
        assert_eq!(call(&mut memory, "delete", &gone), Ok(json!(false)));
    }

    #[test]
    fn what_is_too_much_or_misspelt_is_refused() {
        let mut memory = Memory::default();
        let mut write = |scope: &str, key: &str, bytes: usize| {
            let args = json!({ "scope": scope, "key": key, "value": "x".repeat(bytes) });
            call(&mut memory, "write", &args)
        };
        assert_eq!(write("memory", "a", 1), Err("capability.bad-call".into()));
        assert_eq!(write("session_memory", "", 1), Err("capability.bad-call".into()));
        assert_eq!(write("session_memory", "a", VALUE_BYTES_MAX + 1), Err("capability.bad-call".into()));
        for at in 0..(SCOPE_BYTES_MAX / VALUE_BYTES_MAX) - 1 {
            write("session_memory", &at.to_string(), VALUE_BYTES_MAX).expect("there is room");
        }
        assert_eq!(write("session_memory", "last", VALUE_BYTES_MAX), Err("capability.failed".into()));
        write("session_memory", "1", 1).expect("what is replaced makes room");
        assert_eq!(
            call(&mut memory, "query", &json!({ "scope": "session_memory", "query": "", "limit": 101 })),
            Err("capability.bad-call".into())
        );
    }
}
