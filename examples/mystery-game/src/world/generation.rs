//! How a world comes about: from the content, the terms of the case and dice.
//!
//! The order of the throws is part of the generator: change it, and change
//! [`GENERATOR_VERSION`], because every recorded case changes with it.

mod knowledge;
mod parts;

pub use parts::Terms;

use super::{Access, Anchors, Crime, World};
use crate::content::{Content, Named};
use crate::dice::{Dice, chance, pick};
use crate::fact::Fact;
use crate::ids::{DeedId, FactId, NpcId, ObjectId, PlaceId, SceneId, TimeId};
use parts::Parts;
use std::collections::{BTreeMap, BTreeSet};

/// Names the way in which worlds are thrown.
pub const GENERATOR_VERSION: &str = "1";

const CHECKED: &str = "the content check leaves no list empty";

struct Draft<'a> {
    content: &'a Content,
    npcs: Vec<NpcId>,
    parts: Parts,
    crime: Crime,
    whereabouts: BTreeMap<(NpcId, TimeId), PlaceId>,
    access: BTreeMap<PlaceId, Access>,
    facts: BTreeMap<FactId, Fact>,
    knows: BTreeMap<NpcId, BTreeSet<FactId>>,
}

/// Throws a world. The same content, terms and dice give the same world.
///
/// # Panics
/// When `terms` asks for more people than the content has, or fewer than four
/// (five when hard); [`crate::case::terms`] refuses such input.
pub fn generate(content: &Content, terms: Terms, dice: &mut dyn Dice) -> World {
    let npcs: Vec<NpcId> = content.cast[..terms.npcs].iter().map(|npc| npc.id.clone()).collect();
    let scene = pick(dice, &content.scenes.scenes).expect(CHECKED).id.clone();
    let parts = Parts::hand_out(&npcs, terms, dice);
    let crime = choose_crime(content, &parts, dice);
    let mut draft = Draft {
        content,
        knows: npcs.iter().map(|n| (n.clone(), BTreeSet::new())).collect(),
        npcs,
        parts,
        crime,
        whereabouts: BTreeMap::new(),
        access: BTreeMap::new(),
        facts: BTreeMap::new(),
    };
    draft.place_everybody(dice);
    draft.give_access(dice);
    draft.see_each_other(dice);
    draft.run_errands(dice);
    draft.keep_secrets(dice);
    draft.spread_the_anchors(terms, dice);
    draft.finish(scene, terms)
}

fn choose_crime(content: &Content, parts: &Parts, dice: &mut dyn Dice) -> Crime {
    let object = pick(dice, &content.setting.objects).expect(CHECKED);
    let time = pick(dice, &content.setting.times).expect(CHECKED);
    Crime {
        culprit: parts.culprit.clone(),
        object: object.id.clone(),
        place: object.kept_in.clone(),
        when: time.id.clone(),
    }
}

impl Draft<'_> {
    /// States a fact and makes `npcs` know it.
    fn state<'n>(&mut self, fact: Fact, npcs: impl IntoIterator<Item = &'n NpcId>) -> FactId {
        let id = fact.id();
        for npc in npcs {
            self.knows.entry(npc.clone()).or_default().insert(id.clone());
        }
        self.facts.insert(id.clone(), fact);
        id
    }

    fn place_everybody(&mut self, dice: &mut dyn Dice) {
        let places = &self.content.setting.places;
        let elsewhere: Vec<&PlaceId> =
            places.iter().map(|place| &place.id).filter(|place| **place != self.crime.place).collect();
        for time in &self.content.setting.times {
            for who in self.npcs.clone() {
                let place = if time.id != self.crime.when {
                    pick(dice, places).expect(CHECKED).id.clone()
                } else if self.parts.at_the_scene(&who) {
                    self.crime.place.clone()
                } else {
                    (*pick(dice, &elsewhere).expect(CHECKED)).clone()
                };
                let when = time.id.clone();
                self.whereabouts.insert((who.clone(), when.clone()), place.clone());
                let knower = who.clone();
                self.state(Fact::Presence { who, place, when }, [&knower]);
            }
        }
    }

    fn give_access(&mut self, dice: &mut dyn Dice) {
        for place in &self.content.setting.places {
            let holders: BTreeSet<NpcId> = if place.id == self.crime.place {
                let culprit = std::iter::once(&self.parts.culprit);
                culprit.chain(&self.parts.holders).cloned().collect()
            } else {
                let first = pick(dice, &self.npcs).expect(CHECKED).clone();
                let also = self.npcs.iter().filter(|_| chance(dice, 1, 3));
                also.cloned().chain([first]).collect()
            };
            let method = pick(dice, &place.methods).expect(CHECKED).id.clone();
            let fact = Fact::AccessMethod { place: place.id.clone(), method: method.clone() };
            self.state(fact, &holders);
            self.access.insert(place.id.clone(), Access { method, holders });
        }
    }

    /// People in one room may notice each other; the witness notices everybody.
    fn see_each_other(&mut self, dice: &mut dyn Dice) {
        for ((who, when), place) in self.whereabouts.clone() {
            for witness in self.npcs.clone() {
                let same = self.whereabouts.get(&(witness.clone(), when.clone())) == Some(&place);
                if witness == who || !same {
                    continue;
                }
                let must = witness == self.parts.witness && when == self.crime.when;
                if must || chance(dice, 3, 4) {
                    let (who, place, when) = (who.clone(), place.clone(), when.clone());
                    let knower = witness.clone();
                    self.state(Fact::Witness { witness, who, place, when }, [&knower]);
                }
            }
        }
    }

    /// One deed each: the theft, or something harmless with one of the objects.
    fn run_errands(&mut self, dice: &mut dyn Dice) {
        for who in self.npcs.clone() {
            let (deed, object, when) = if who == self.parts.culprit {
                (&self.content.setting.deed, self.crime.object.clone(), self.crime.when.clone())
            } else {
                self.errand(dice)
            };
            let place = self.whereabouts[&(who.clone(), when.clone())].clone();
            let knowers: Vec<NpcId> = if who == self.parts.culprit {
                vec![who.clone()]
            } else {
                self.onlookers(&who, &when).into_iter().chain([who.clone()]).collect()
            };
            let action = deed.id.clone();
            self.state(Fact::Action { who, action, object, when, place }, &knowers);
        }
    }

    /// What is gone cannot be asked after any more: errands with the stolen
    /// object lie before the theft.
    fn errand(&self, dice: &mut dyn Dice) -> (&Named<DeedId>, ObjectId, TimeId) {
        let times = &self.content.setting.times;
        let stolen_at = times.iter().position(|t| t.id == self.crime.when);
        let stolen_at = stolen_at.expect("the crime's hour is one of the setting");
        let chosen = pick(dice, &self.content.setting.objects).expect(CHECKED);
        let (object, until) = if chosen.id != self.crime.object {
            (chosen, times.len())
        } else if stolen_at > 0 {
            (chosen, stolen_at)
        } else {
            let others = &self.content.setting.objects;
            let other = others.iter().find(|o| o.id != self.crime.object);
            (other.expect("the content check asks for two objects"), times.len())
        };
        let deed = pick(dice, &self.content.setting.errands).expect(CHECKED);
        let when = pick(dice, &times[..until]).expect(CHECKED);
        (deed, object.id.clone(), when.id.clone())
    }

    /// Who saw `who` at that hour.
    fn onlookers(&self, who: &NpcId, when: &TimeId) -> Vec<NpcId> {
        let saw = |fact: &&Fact| fact.who() == Some(who) && fact.when() == Some(when);
        self.facts.values().filter(saw).filter_map(Fact::witness).cloned().collect()
    }

    fn finish(self, scene: SceneId, terms: Terms) -> World {
        let crime = self.crime.clone();
        let anchors = Anchors {
            time: Fact::TimeAnchor { time: crime.when.clone() }.id(),
            object: Fact::Object { object: crime.object.clone() }.id(),
            access: self.access_anchor(),
            linkage: Fact::Witness {
                witness: self.parts.witness.clone(),
                who: crime.culprit.clone(),
                place: crime.place.clone(),
                when: crime.when.clone(),
            }
            .id(),
        };
        let quiet = self.parts.quiet.iter();
        World {
            scene,
            hard: terms.hard,
            guards: quiet.map(|npc| (npc.clone(), self.guards(npc))).collect(),
            npcs: self.npcs,
            crime,
            access: self.access,
            facts: self.facts,
            knows: self.knows,
            anchors,
        }
    }
}
