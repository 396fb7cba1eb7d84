//! The capabilities `memory.query` and `memory.write`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::handle::Handle;
use crate::result::Result;

/// How long something is remembered.
///
/// ```
/// use orket_runtime::capabilities::Scope;
/// assert_ne!(Scope::Session, Scope::Profile);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `session_memory`: for the rest of the run.
    Session,
    /// `profile_memory`: in a snapshot that the operator may start a later run from.
    Profile,
}

impl Scope {
    fn name(self) -> Value {
        match self {
            Self::Session => "session_memory",
            Self::Profile => "profile_memory",
        }
        .into()
    }
}

/// Something remembered.
///
/// ```
/// # use orket_runtime::{capabilities::{MemoryQuery, Scope}, Result};
/// fn best(memory: &MemoryQuery) -> Result<Option<String>> {
///     let found = memory.query(Scope::Profile, "favourite drink", 1)?;
///     Ok(found.into_iter().next().map(|record| record.value))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct MemoryRecord {
    /// Its key.
    pub key: String,
    /// What is remembered.
    pub value: String,
    /// Facts beside it.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// How well it fits the query: words shared with the value, and twice those shared with the key.
    #[serde(default)]
    pub score: u64,
}

/// Searches what was remembered.
///
/// Operation: `query {scope, query, limit}` → `[{key, value, metadata, score}]`, the best first and
/// ties by key.
///
/// ```
/// use orket_runtime::{capabilities::Scope, prelude::*};
/// fn likes(ctx: &mut WorkloadContext) -> Result<Vec<String>> {
///     let found = ctx.capabilities.memory_query()?.query(Scope::Profile, "likes", 10)?;
///     Ok(found.into_iter().map(|record| record.value).collect())
/// }
/// ```
#[derive(Clone)]
pub struct MemoryQuery(Handle);

impl MemoryQuery {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// The records that share whole words with a query, case aside; an empty query gives all of them.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{MemoryQuery, Scope}, Result};
    /// fn count(memory: &MemoryQuery) -> Result<usize> {
    ///     Ok(memory.query(Scope::Session, "", 100)?.len())
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` unless `limit` is 1 to 100.
    #[track_caller]
    pub fn query(&self, scope: Scope, query: &str, limit: u32) -> Result<Vec<MemoryRecord>> {
        let args = [("scope", scope.name()), ("query", query.into()), ("limit", limit.into())];
        self.0.call("query", args, &[])
    }
}

/// Remembers.
///
/// Operations: `write {scope, key, value, metadata}` → `{replaced}`; `delete {scope, key}` → whether
/// it was there.
///
/// ```
/// use orket_runtime::{capabilities::Scope, prelude::*};
/// fn meet(ctx: &mut WorkloadContext, name: &str) -> Result<()> {
///     let memory = ctx.capabilities.memory_writer()?;
///     memory.write(Scope::Profile, "name", name, &json!({ "turn": 1 }))?;
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct MemoryWriter(Handle);

impl MemoryWriter {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// Remembers a value under a key, with facts beside it: an object or null. Says whether it took the
    /// place of another.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{MemoryWriter, Scope}, Result};
    /// # use serde_json::Value;
    /// fn note(memory: &MemoryWriter, mood: &str) -> Result<bool> {
    ///     memory.write(Scope::Session, "mood", mood, &Value::Null)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` for a key that is empty or above 256 bytes, or a value above 64 KiB;
    /// `capability.failed` when the scope is full; `json.number`.
    #[track_caller]
    pub fn write(&self, scope: Scope, key: &str, value: &str, metadata: &Value) -> Result<bool> {
        #[derive(Deserialize)]
        struct Written {
            replaced: bool,
        }
        let metadata = if metadata.is_null() { Map::new().into() } else { metadata.clone() };
        let args =
            [("scope", scope.name()), ("key", key.into()), ("value", value.into()), ("metadata", metadata)];
        self.0.call("write", args, &[]).map(|Written { replaced }| replaced)
    }

    /// Forgets what is under a key; says whether there was anything.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{MemoryWriter, Scope}, Result};
    /// fn forget(memory: &MemoryWriter) -> Result<bool> {
    ///     memory.delete(Scope::Profile, "name")
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host's answer cannot be read.
    #[track_caller]
    pub fn delete(&self, scope: Scope, key: &str) -> Result<bool> {
        self.0.call("delete", [("scope", scope.name()), ("key", key.into())], &[])
    }
}
