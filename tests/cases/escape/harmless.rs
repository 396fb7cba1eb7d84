//! What a guest can do although it is in the list, where, and why nothing is gained by it.

use crate::profile::has;
use orket_engine::sandbox::{Layer, Profile};

/// Kinds of profiles.
#[derive(Clone, Copy)]
enum Where {
    /// Those that have no namespaces.
    WithoutNamespaces,
    /// Those that have no Landlock.
    WithoutLandlock,
    /// All of them.
    Everywhere,
}

impl Where {
    fn holds(self, profile: Profile) -> bool {
        match self {
            Where::WithoutNamespaces => !has(profile, Layer::is_namespace),
            Where::WithoutLandlock => !has(profile, Layer::is_landlock),
            Where::Everywhere => true,
        }
    }
}

const EXISTENCE: &str = "tells that a file exists, its size and its times, and nothing of what is in it";
const OWN_TREE: &str =
    "the tree is the guest's own: empty but for what is granted and the folders on the way there";
const OWN_LINK: &str = "the link itself lies in the workspace; where it leads to is not told";
const COMPUTATION: &str =
    "code that it brought itself can do what it can do anyway: the filter judges every call";
const SPACE: &str = "stays below the limits of bytes and files, beyond which the host ends the guest, and goes away with the stage";

/// The attempt, where it succeeds, and why that is harmless.
const HARMLESS: &[(&str, Where, &str)] = &[
    ("stat-secret", Where::WithoutNamespaces, EXISTENCE),
    ("stat-link-itself", Where::WithoutNamespaces, OWN_LINK),
    ("stat-host-file", Where::WithoutNamespaces, EXISTENCE),
    ("access-secret", Where::WithoutNamespaces, EXISTENCE),
    ("list-root", Where::WithoutLandlock, OWN_TREE),
    ("list-parent", Where::WithoutLandlock, OWN_TREE),
    ("list-stage", Where::WithoutLandlock, OWN_TREE),
    ("list-etc", Where::WithoutLandlock, OWN_TREE),
    ("map-artifact-executable", Where::WithoutNamespaces, COMPUTATION),
    ("map-material-executable", Where::WithoutNamespaces, COMPUTATION),
    ("files-that-fill-the-disk", Where::Everywhere, SPACE),
    ("files-2000", Where::Everywhere, SPACE),
    ("folders-deep", Where::Everywhere, SPACE),
    ("folders-beyond-paths", Where::Everywhere, SPACE),
];

/// Why the attempt may succeed in the profile.
pub(crate) fn why(name: &str, profile: Profile) -> Option<&'static str> {
    let found = HARMLESS.iter().find(|(attempt, place, _)| *attempt == name && place.holds(profile));
    found.map(|(_, _, why)| *why)
}
