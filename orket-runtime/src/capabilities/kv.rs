//! The `kv` capability: a small store with versions.

use serde_json::Value;

use super::handle::Handle;
use crate::result::Result;

/// Versioned values under namespaced keys. A run starts from a snapshot, empty by default.
///
/// Operations: `get {namespace, key}` → null or `{value, version}`; `put {namespace, key, value,
/// expected}` → `{version}`, where `expected` is a version or null; `delete {namespace, key}` →
/// whether there was one; `list {namespace, prefix}` → the keys, sorted.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn count_visit(ctx: &mut WorkloadContext) -> Result<u64> {
///     let kv = ctx.capabilities.kv()?;
///     let (visits, version) = match kv.get("visits", "total")? {
///         Some((value, version)) => (value.as_u64().unwrap_or(0), Some(version)),
///         None => (0, None),
///     };
///     kv.put("visits", "total", &json!(visits + 1), version)?;
///     Ok(visits + 1)
/// }
/// ```
#[derive(Clone)]
pub struct Kv(Handle);

impl Kv {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// The value under a key and its version, which counts from 1.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Kv, Result};
    /// fn known(kv: &Kv, player: &str) -> Result<bool> {
    ///     Ok(kv.get("players", player)?.is_some())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` when the host refuses namespace or key.
    #[track_caller]
    pub fn get(&self, namespace: &str, key: &str) -> Result<Option<(Value, u64)>> {
        #[derive(serde::Deserialize)]
        struct Versioned {
            value: Value,
            version: u64,
        }
        let found: Option<Versioned> =
            self.0.call("get", [("namespace", namespace.into()), ("key", key.into())], &[])?;
        Ok(found.map(|Versioned { value, version }| (value, version)))
    }

    /// Stores a value and gives its new version; with `expected`, only over that version, where 0
    /// stands for "no value yet".
    ///
    /// Numbers in the value are hashed, hence integers within ±(2^53 − 1).
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Kv, Result};
    /// # use serde_json::json;
    /// fn claim(kv: &Kv, seat: &str) -> Result<bool> {
    ///     match kv.put("seats", seat, &json!("taken"), Some(0)) {
    ///         Ok(_) => Ok(true),
    ///         Err(error) if error.code() == "capability.conflict" => Ok(false),
    ///         Err(error) => Err(error),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.conflict` when the value has another version than expected; `json.number`.
    #[track_caller]
    pub fn put(&self, namespace: &str, key: &str, value: &Value, expected: Option<u64>) -> Result<u64> {
        #[derive(serde::Deserialize)]
        struct Stored {
            version: u64,
        }
        let args = [
            ("namespace", namespace.into()),
            ("key", key.into()),
            ("value", value.clone()),
            ("expected", expected.into()),
        ];
        self.0.call("put", args, &[]).map(|Stored { version }| version)
    }

    /// Removes a key; says whether it was there.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Kv, Result};
    /// fn forget(kv: &Kv, player: &str) -> Result<bool> {
    ///     kv.delete("players", player)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` when the host refuses namespace or key.
    #[track_caller]
    pub fn delete(&self, namespace: &str, key: &str) -> Result<bool> {
        self.0.call("delete", [("namespace", namespace.into()), ("key", key.into())], &[])
    }

    /// The keys of a namespace that begin with a prefix, sorted.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Kv, Result};
    /// fn players(kv: &Kv) -> Result<Vec<String>> {
    ///     kv.list("players", "")
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` when the host refuses the namespace.
    #[track_caller]
    pub fn list(&self, namespace: &str, prefix: &str) -> Result<Vec<String>> {
        self.0.call("list", [("namespace", namespace.into()), ("prefix", prefix.into())], &[])
    }
}
