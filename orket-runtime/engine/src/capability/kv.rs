//! `kv`: versioned values under namespaced keys. It starts from a snapshot, whose digest is input.

use super::{Call, Reply, arguments, failure, unknown_operation};
use orket_contract::canonical;
use orket_contract::code;
use orket_contract::digest::{Digest, domain};
use orket_contract::protocol::Failure;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A value and how often it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// 1 after the first write.
    pub version: u64,
}

/// All values: namespace → key → entry. As JSON it is a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kv {
    namespaces: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    namespace: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Put {
    namespace: String,
    key: String,
    value: Value,
    expected: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    namespace: String,
    prefix: String,
}

impl Kv {
    /// The digest of the snapshot.
    ///
    /// # Errors
    /// `json.number` when a value has no canonical form.
    pub fn digest(&self) -> Result<Digest, canonical::Fault> {
        Digest::within_json(domain::KV, self)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.namespaces.is_empty()
    }

    pub(super) fn call(&mut self, call: &Call) -> Result<Reply, Failure> {
        match call.op.as_str() {
            "delete" => Ok(json!(self.delete(&arguments(call)?)).into()),
            "get" => Ok(json!(self.get(&arguments(call)?)).into()),
            "list" => Ok(json!(self.list(&arguments(call)?)).into()),
            "put" => self.put(arguments(call)?).map(|version| json!({ "version": version }).into()),
            _ => Err(unknown_operation(call)),
        }
    }

    fn get(&self, Key { namespace, key }: &Key) -> Option<&Entry> {
        self.namespaces.get(namespace)?.get(key)
    }

    fn put(&mut self, Put { namespace, key, value, expected }: Put) -> Result<u64, Failure> {
        let entries = self.namespaces.entry(namespace).or_default();
        let version = entries.get(&key).map_or(0, |entry| entry.version);
        if let Some(expected) = expected.filter(|expected| *expected != version) {
            let message = format!("`{key}` has version {version}, expected was {expected}");
            return Err(failure(code::CAPABILITY_CONFLICT, message));
        }
        entries.insert(key, Entry { value, version: version + 1 });
        Ok(version + 1)
    }

    fn delete(&mut self, Key { namespace, key }: &Key) -> bool {
        let Some(entries) = self.namespaces.get_mut(namespace) else { return false };
        let gone = entries.remove(key).is_some();
        if entries.is_empty() {
            self.namespaces.remove(namespace);
        }
        gone
    }

    fn list(&self, List { namespace, prefix }: &List) -> Vec<&str> {
        let entries = self.namespaces.get(namespace).into_iter().flatten();
        entries.map(|(key, _)| key.as_str()).filter(|key| key.starts_with(prefix.as_str())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(kv: &mut Kv, key: &str, value: u32, expected: Option<u64>) -> Result<u64, String> {
        let put = Put { namespace: "n".into(), key: key.into(), value: json!(value), expected };
        kv.put(put).map_err(|failure| failure.code)
    }

    #[test]
    fn compare_and_set_meets_the_version_or_fails() {
        let mut kv = Kv::default();
        assert_eq!(put(&mut kv, "a", 1, Some(0)), Ok(1));
        assert_eq!(put(&mut kv, "a", 2, Some(0)), Err(code::CAPABILITY_CONFLICT.to_owned()));
        assert_eq!(put(&mut kv, "a", 2, None), Ok(2));
        let key = Key { namespace: "n".into(), key: "a".into() };
        assert_eq!(kv.get(&key), Some(&Entry { value: json!(2), version: 2 }));
        assert!(kv.delete(&key) && !kv.delete(&key) && kv.is_empty());
    }

    #[test]
    fn keys_are_listed_in_order_and_snapshots_round_trip() {
        let mut kv = Kv::default();
        for key in ["b2", "a", "b1"] {
            put(&mut kv, key, 0, None).expect("put");
        }
        assert_eq!(kv.list(&List { namespace: "n".into(), prefix: "b".into() }), ["b1", "b2"]);
        let again: Kv = serde_json::from_value(json!(kv)).expect("snapshot");
        assert_eq!(again.digest(), kv.digest());
        assert_ne!(Kv::default().digest(), kv.digest());
    }
}
