//! Who hears of the deed, and who keeps quiet about it.

use super::{Draft, Terms};
use crate::dice::{Dice, chance, pick, shuffle};
use crate::fact::Fact;
use crate::ids::{FactId, NpcId};
use std::collections::BTreeSet;

impl Draft<'_> {
    /// The quiet have a reason each, and somebody talkative has heard of it.
    pub(super) fn keep_secrets(&mut self, dice: &mut dyn Dice) {
        let mut reasons: Vec<_> = self.content.setting.secrets.iter().collect();
        shuffle(dice, &mut reasons);
        let talkative = self.talkative();
        let quiet = self.parts.quiet.clone();
        for (npc, reason) in quiet.iter().zip(reasons) {
            let gossip = pick(dice, &talkative).expect("the witness is talkative");
            let secret =
                Fact::Secret { npc: npc.clone(), domain: self.crime.place.clone(), hint: reason.id.clone() };
            self.state(secret, [npc, gossip]);
        }
    }

    fn talkative(&self) -> Vec<NpcId> {
        let quiet = &self.parts.quiet;
        self.npcs.iter().filter(|n| !quiet.contains(n)).cloned().collect()
    }

    /// All of the quiet know of the deed, so that their silences look alike. Of the
    /// talkative one knows each anchor, and in the normal game more of them may.
    /// The witness never knows who had access: no single person solves the case.
    pub(super) fn spread_the_anchors(&mut self, terms: Terms, dice: &mut dyn Dice) {
        let talkative = self.talkative();
        let not_the_witness = |npc: &&NpcId| **npc != self.parts.witness;
        let others: Vec<NpcId> = talkative.iter().filter(not_the_witness).cloned().collect();
        let object = Fact::Object { object: self.crime.object.clone() };
        let time = Fact::TimeAnchor { time: self.crime.when.clone() };
        let access = self.facts[&self.access_anchor()].clone();
        for (fact, circle) in [(time, &talkative), (object, &talkative), (access, &others)] {
            let sure = dice.below(circle.len());
            let mut knowers: Vec<NpcId> = self.parts.quiet.iter().cloned().collect();
            for (at, npc) in circle.iter().enumerate() {
                if at == sure || (!terms.hard && chance(dice, 1, 2)) {
                    knowers.push(npc.clone());
                }
            }
            self.state(fact, &knowers);
        }
    }

    pub(super) fn access_anchor(&self) -> FactId {
        let access = &self.access[&self.crime.place];
        let place = self.crime.place.clone();
        Fact::AccessMethod { place, method: access.method.clone() }.id()
    }

    /// What the quiet guard: themselves at that hour, what they saw then, what
    /// they did, their reason, and all they know of the deed.
    pub(super) fn guards(&self, npc: &NpcId) -> BTreeSet<FactId> {
        let then = |fact: &Fact| fact.when() == Some(&self.crime.when);
        let guarded = |fact: &Fact| match fact {
            Fact::Presence { who, .. } => who == npc && then(fact),
            Fact::Witness { .. } => then(fact),
            Fact::Action { who, .. } => who == npc || then(fact),
            Fact::Secret { npc: who, .. } => who == npc,
            Fact::AccessMethod { place, .. } => place == &self.crime.place,
            Fact::TimeAnchor { .. } | Fact::Object { .. } => true,
        };
        let known = self.knows[npc].iter();
        known.filter(|id| guarded(&self.facts[*id])).cloned().collect()
    }
}
