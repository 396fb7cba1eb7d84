//! Named sets of layers, each of which holds on its own.

use super::{Layer, LayerStatus};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A set of layers that keeps a guest from doing harm without any other.
///
/// The names are stable: operators demand a profile by name, and provenance records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Both others at once: two mechanisms, neither of which relies on the other.
    Full,
    /// Landlock and the system call filter.
    Landlock,
    /// Namespaces and the system call filter.
    Namespaces,
}

impl Profile {
    /// Every profile, the strongest first.
    pub const ALL: [Profile; 3] = [Profile::Full, Profile::Landlock, Profile::Namespaces];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Full => "full",
            Profile::Landlock => "landlock",
            Profile::Namespaces => "namespaces",
        }
    }

    /// The strongest profile of which no required layer is missing.
    pub fn of(layers: &[LayerStatus]) -> Option<Profile> {
        let missing: Vec<Layer> = layers
            .iter()
            .filter(|status| status.layer.is_required() && !status.layer.is_repeatability())
            .filter(|status| !status.is_enforced())
            .map(|status| status.layer)
            .collect();
        let whole = |profile: &Profile| !missing.iter().any(|layer| profile.contains(*layer));
        Profile::ALL.into_iter().find(whole).filter(|_| !layers.is_empty())
    }

    /// Whether `layer` belongs to this profile.
    pub fn contains(self, layer: Layer) -> bool {
        match self {
            Profile::Full => true,
            Profile::Landlock => !layer.is_namespace(),
            Profile::Namespaces => !layer.is_landlock(),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_serde_writes() {
        for profile in Profile::ALL {
            assert_eq!(serde_json::to_value(profile).unwrap(), profile.name());
        }
    }

    #[test]
    fn each_of_the_two_stacks_is_all_but_the_other() {
        for layer in Layer::ALL {
            assert!(Profile::Full.contains(layer));
            assert_eq!(Profile::Landlock.contains(layer), !layer.is_namespace());
            assert_eq!(Profile::Namespaces.contains(layer), !layer.is_landlock());
            assert!(!(layer.is_namespace() && layer.is_landlock()));
        }
    }
}
