//! What the player has found out, and what that is worth as evidence.

use crate::fact::Fact;
use crate::ids::{FactId, NpcId, PlaceId};
use crate::question::Intent;
use crate::world::World;
use std::collections::BTreeSet;

/// Facts heard, discovery keys, and the statements word for word.
#[derive(Clone, Debug, Default)]
pub struct Notebook {
    heard: BTreeSet<FactId>,
    keys: BTreeSet<String>,
    statements: Vec<String>,
    /// Who is known to have had access to what.
    told_access: BTreeSet<(PlaceId, NpcId)>,
}

impl Notebook {
    /// Takes down that `speaker` stated `id`. True when the fact is new.
    pub fn write(&mut self, world: &World, speaker: &NpcId, intent: Intent, id: &FactId) -> bool {
        let fact = &world.facts[id];
        if let Fact::AccessMethod { place, .. } = fact {
            self.note_access(world, speaker, intent, place);
        }
        let touched = [
            fact.domain().map(|place| format!("disc:place:{place}")),
            fact.object().map(|object| format!("disc:object:{object}")),
            fact.subject().map(|npc| format!("disc:npc:{npc}")),
        ];
        self.keys.extend(touched.into_iter().flatten());
        self.keys.insert(format!("disc:fact:{id}"));
        self.heard.insert(id.clone())
    }

    /// Only the access graph names all holders; "did you have access?" tells of one.
    fn note_access(&mut self, world: &World, speaker: &NpcId, intent: Intent, place: &PlaceId) {
        let told = |npc: &&NpcId| match intent {
            Intent::WhoHadAccess => true,
            Intent::DidYouHaveAccess => *npc == speaker,
            _ => false,
        };
        let holders = world.access[place].holders.iter().filter(told);
        self.told_access.extend(holders.map(|npc| (place.clone(), npc.clone())));
    }

    /// Keeps a statement as it was made.
    pub fn quote(&mut self, statement: String) {
        if !self.statements.contains(&statement) {
            self.statements.push(statement);
        }
    }

    /// Marks that a hint has pointed at `lead`.
    pub fn mark_hint(&mut self, lead: &str) {
        self.keys.insert(format!("disc:hint:{lead}"));
    }

    /// The facts heard so far.
    pub fn heard(&self) -> &BTreeSet<FactId> {
        &self.heard
    }

    /// Every discovery key and hint marker, sorted.
    pub fn keys(&self) -> &BTreeSet<String> {
        &self.keys
    }

    /// The statements in the order in which they were made.
    pub fn statements(&self) -> &[String] {
        &self.statements
    }

    /// Whether there is a case against `npc` at all: one witness claim, and one
    /// claim about access or presence. Says nothing about who it was.
    pub fn has_case(&self, world: &World, npc: &NpcId) -> bool {
        let facts = || self.heard.iter().map(|id| &world.facts[id]);
        let seen = facts().any(|f| f.witness().is_some() && f.who() == Some(npc));
        let placed = facts().any(|f| matches!(f, Fact::Presence { who, .. } if who == npc));
        let able = self.told_access.iter().any(|(_, holder)| holder == npc);
        seen && (placed || able)
    }

    /// Whether the culprit was seen at the scene, and had access to it or is known
    /// to have been there from a second source.
    pub fn proves(&self, world: &World) -> bool {
        let crime = &world.crime;
        let then = |f: &&Fact| {
            f.who() == Some(&crime.culprit)
                && f.place() == Some(&crime.place)
                && f.when() == Some(&crime.when)
        };
        let facts = || self.heard.iter().map(|id| &world.facts[id]).filter(then);
        let seen = facts().any(|f| f.witness().is_some());
        let placed = facts().any(|f| matches!(f, Fact::Presence { .. }));
        let scene = (crime.place.clone(), crime.culprit.clone());
        seen && (placed || self.told_access.contains(&scene))
    }
}
