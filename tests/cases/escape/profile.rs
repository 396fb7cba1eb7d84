//! The confinements in which attempts are made.

use orket_engine::sandbox::{Confinement, Layer, Profile};
use std::path::Path;

/// Small, so that a control that takes more takes little.
pub(crate) const MEMORY_BYTES: usize = 64 << 20;
pub(crate) const FILE_BYTES: u64 = 8 << 20;

/// Workspace and artifacts below a stage, as a run has them.
pub(crate) fn confinement(profile: Profile, omitted: &[Layer], stage: &Path) -> Confinement {
    let mut confinement = Confinement::new(stage);
    confinement.read_only.push(stage.join("workspace"));
    confinement.read_write.push(stage.join("artifacts"));
    confinement.limits.memory_bytes = MEMORY_BYTES as u64;
    confinement.limits.file_bytes_max = FILE_BYTES;
    confinement.profile = Some(profile);
    confinement.omitted = omitted.to_vec();
    confinement
}

/// Whether a profile has a layer of that kind, and the sandbox such a layer at all.
pub(crate) fn has(profile: Profile, kind: fn(Layer) -> bool) -> bool {
    Layer::ALL.into_iter().any(|layer| kind(layer) && profile.contains(layer))
}

/// Every profile that the sandbox has.
pub(crate) fn all() -> impl Iterator<Item = Profile> {
    let is_there = |profile: &Profile| *profile == Profile::Landlock || has(*profile, Layer::is_namespace);
    Profile::ALL.into_iter().filter(is_there)
}
