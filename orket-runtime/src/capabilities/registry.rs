//! Which provider answers which capability.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use super::{Capabilities, Capability, CapabilityId, CapabilityProvider};

/// Merges providers and gives a run what it requires.
///
/// ```
/// use orket_runtime::capabilities::{CapabilityId, CapabilityRegistry};
/// let wanted = ["kv", "console", "kv"].map(|name| CapabilityId::new(name).unwrap());
/// let missing = CapabilityRegistry::new().resolve(&wanted).unwrap_err();
/// assert_eq!(missing.to_string(), "no provider for `console`, `kv`");
/// ```
#[derive(Default)]
pub struct CapabilityRegistry {
    offered: BTreeMap<CapabilityId, Rc<dyn Capability>>,
}

impl CapabilityRegistry {
    /// A registry without providers.
    ///
    /// ```
    /// let registry = orket_runtime::capabilities::CapabilityRegistry::new();
    /// assert!(registry.resolve(&[]).is_ok());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds all that a provider offers, or nothing.
    ///
    /// ```
    /// # #[cfg(feature = "testing")] {
    /// use orket_runtime::{capabilities::CapabilityRegistry, testing::FakeCapabilities};
    /// let mut registry = CapabilityRegistry::new();
    /// registry.merge(&FakeCapabilities::new()).unwrap();
    /// let duplicate = registry.merge(&FakeCapabilities::new()).unwrap_err();
    /// assert!(duplicate.ids.iter().any(|id| id.as_str() == "console"));
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Duplicate`] when another provider offers one of them already: which of two would answer
    /// must not depend on their order.
    pub fn merge(&mut self, provider: &dyn CapabilityProvider) -> Result<(), Duplicate> {
        let ids: BTreeSet<_> = provider.provides().into_iter().collect();
        let twice: Vec<_> = ids.iter().filter(|id| self.offered.contains_key(id)).cloned().collect();
        if !twice.is_empty() {
            return Err(Duplicate { ids: twice });
        }
        let offered = ids.into_iter().filter_map(|id| provider.get(&id).map(|capability| (id, capability)));
        self.offered.extend(offered);
        Ok(())
    }

    /// The capabilities that a run requires, under the names of today; the old names of what is
    /// now part of the context require nothing.
    ///
    /// ```
    /// use orket_runtime::capabilities::{CapabilityId, CapabilityRegistry};
    /// let old = CapabilityId::new("workspace.root").unwrap();
    /// assert!(CapabilityRegistry::new().resolve(&[old]).is_ok());
    /// ```
    ///
    /// # Errors
    /// [`Missing`] when no provider offers one of them: nothing may run then.
    pub fn resolve(&self, required: &[CapabilityId]) -> Result<Capabilities, Missing> {
        let required: BTreeSet<_> = required.iter().filter_map(CapabilityId::current).collect();
        let (mut held, mut missing) = (BTreeMap::new(), Vec::new());
        for id in required {
            match self.offered.get(&id) {
                Some(capability) => drop(held.insert(id, capability.clone())),
                None => missing.push(id),
            }
        }
        if missing.is_empty() { Ok(Capabilities::holding(held)) } else { Err(Missing { ids: missing }) }
    }
}

/// Two providers offer the same capabilities.
///
/// ```
/// use orket_runtime::capabilities::{CapabilityId, Duplicate};
/// let duplicate = Duplicate { ids: vec![CapabilityId::new("kv").unwrap()] };
/// assert_eq!(duplicate.to_string(), "several providers for `kv`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// Their names, sorted.
    pub ids: Vec<CapabilityId>,
}

/// No provider offers what is required.
///
/// ```
/// use orket_runtime::capabilities::{CapabilityId, Missing};
/// let missing = Missing { ids: vec![CapabilityId::new("kv").unwrap()] };
/// assert_eq!(missing.to_string(), "no provider for `kv`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The names of what is missing, sorted and unique.
    pub ids: Vec<CapabilityId>,
}

fn list(f: &mut fmt::Formatter<'_>, what: &str, ids: &[CapabilityId]) -> fmt::Result {
    let names: Vec<_> = ids.iter().map(|id| format!("`{id}`")).collect();
    write!(f, "{what} for {}", names.join(", "))
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, "several providers", &self.ids)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, "no provider", &self.ids)
    }
}

impl std::error::Error for Duplicate {}
impl std::error::Error for Missing {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capabilities::Answer;
    use serde_json::{Map, Value};

    struct Named(&'static [&'static str]);

    impl Capability for &'static str {
        fn call(&self, _: &str, _: Map<String, Value>, _: &[u8]) -> crate::Result<Answer> {
            Ok(Answer::from(Value::from(*self)))
        }
    }

    impl CapabilityProvider for Named {
        fn provides(&self) -> Vec<CapabilityId> {
            ids(self.0)
        }

        fn get(&self, id: &CapabilityId) -> Option<Rc<dyn Capability>> {
            self.0.iter().find(|name| **name == id.as_str()).map(|name| Rc::new(*name) as Rc<dyn Capability>)
        }
    }

    fn ids(names: &[&str]) -> Vec<CapabilityId> {
        names.iter().map(|name| CapabilityId::new(*name).expect("well-formed")).collect()
    }

    #[test]
    fn a_duplicate_leaves_the_registry_as_it_was() {
        let mut registry = CapabilityRegistry::new();
        registry.merge(&Named(&["kv", "clock"])).unwrap();
        let duplicate = registry.merge(&Named(&["rng", "kv", "clock"])).unwrap_err();
        assert_eq!(duplicate.ids, ids(&["clock", "kv"]));
        assert!(registry.resolve(&ids(&["rng"])).is_err());
    }

    #[test]
    fn what_is_missing_is_sorted_and_unique() {
        let mut registry = CapabilityRegistry::new();
        registry.merge(&Named(&["kv"])).unwrap();
        let missing = registry.resolve(&ids(&["rng", "kv", "console", "rng"])).unwrap_err();
        assert_eq!(missing.ids, ids(&["console", "rng"]));
    }

    #[test]
    fn old_names_stand_for_new_ones() {
        let mut registry = CapabilityRegistry::new();
        registry.merge(&Named(&["clock"])).unwrap();
        let held = registry.resolve(&ids(&["time.now", "artifact.root"])).unwrap();
        assert_eq!(held.ids().map(CapabilityId::as_str).collect::<Vec<_>>(), ["clock"]);
    }

    #[test]
    fn a_capability_that_is_not_held_is_refused_here() {
        let mut registry = CapabilityRegistry::new();
        registry.merge(&Named(&["kv", "clock"])).unwrap();
        let held = registry.resolve(&ids(&["kv"])).unwrap();
        assert_eq!(held.clock().err().expect("refused").code(), "capability.undeclared");
        assert!(held.kv().is_ok());
    }
}
