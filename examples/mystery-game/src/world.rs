//! The truth of one case: who was where, who could open what, who knows what and
//! who keeps quiet about it.
//!
//! A world is made once ([`generate`]) and never changes. The invariants that
//! make it a fair riddle are checked by [`violations`].

mod generation;
mod graph;
mod invariants;

pub use generation::{GENERATOR_VERSION, Terms, generate};
pub use graph::{Edge, Graph, Node};
pub use invariants::{refusal_overlap, violations};

use crate::fact::Fact;
use crate::ids::{FactId, MethodId, NpcId, ObjectId, PlaceId, SceneId, TimeId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is true in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    pub scene: SceneId,
    pub hard: bool,
    /// In the order of the content file: it decides who is named first.
    pub npcs: Vec<NpcId>,
    pub crime: Crime,
    /// Who can open what.
    pub access: BTreeMap<PlaceId, Access>,
    pub facts: BTreeMap<FactId, Fact>,
    pub knows: BTreeMap<NpcId, BTreeSet<FactId>>,
    /// What somebody knows and will not say.
    pub guards: BTreeMap<NpcId, BTreeSet<FactId>>,
    pub anchors: Anchors,
}

/// The solution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crime {
    pub culprit: NpcId,
    pub object: ObjectId,
    #[serde(rename = "where")]
    pub place: PlaceId,
    pub when: TimeId,
}

/// How a place opens and who can do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    pub method: MethodId,
    pub holders: BTreeSet<NpcId>,
}

/// The facts on which the solution rests. Each of them can be had from somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// When it happened.
    pub time: FactId,
    /// What is missing, and so where it was kept.
    pub object: FactId,
    /// Who could open that place.
    pub access: FactId,
    /// Who saw the culprit there.
    pub linkage: FactId,
}

impl Anchors {
    /// Whether `fact` is one of them.
    pub fn contains(&self, fact: &FactId) -> bool {
        [&self.time, &self.object, &self.access, &self.linkage].contains(&fact)
    }
}

impl World {
    /// Whether `npc` knows the fact, willing to say so or not.
    pub fn knows(&self, npc: &NpcId, fact: &FactId) -> bool {
        self.knows.get(npc).is_some_and(|known| known.contains(fact))
    }

    /// Whether `npc` keeps quiet about the fact.
    pub fn guards(&self, npc: &NpcId, fact: &FactId) -> bool {
        let guarded = self.guards.get(npc);
        guarded.is_some_and(|guarded| guarded.contains(fact))
    }

    /// Whether `npc` may state the fact: known, and not guarded.
    pub fn may_say(&self, npc: &NpcId, fact: &FactId) -> bool {
        self.knows(npc, fact) && !self.guards(npc, fact)
    }

    /// Whether anybody may state the fact.
    pub fn can_be_learnt(&self, fact: &FactId) -> bool {
        self.npcs.iter().any(|npc| self.may_say(npc, fact))
    }

    /// Whether `npc` is among those who can open `place`.
    pub fn has_access(&self, npc: &NpcId, place: &PlaceId) -> bool {
        let access = self.access.get(place);
        access.is_some_and(|access| access.holders.contains(npc))
    }

    /// Who was at the place of the deed when it happened.
    pub fn at_the_scene(&self) -> BTreeSet<&NpcId> {
        let there = |fact: &&Fact| {
            matches!(fact, Fact::Presence { .. })
                && fact.place() == Some(&self.crime.place)
                && fact.when() == Some(&self.crime.when)
        };
        self.facts.values().filter(there).filter_map(Fact::who).collect()
    }

    /// SHA-256 over the world as JSON with sorted keys, in hex.
    pub fn digest(&self) -> String {
        let json = serde_json::to_value(self).expect("a world has only string keys");
        hex(&Sha256::digest(json.to_string()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
