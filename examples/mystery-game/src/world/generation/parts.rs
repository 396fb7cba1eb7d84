//! Who plays which part in a case.

use crate::dice::{Dice, shuffle};
use crate::ids::NpcId;
use std::collections::BTreeSet;

/// How big and how hard a case is. Made by the input's check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub npcs: usize,
    pub hard: bool,
}

impl Terms {
    /// How many people keep quiet about the deed, the culprit among them.
    pub fn quiet(self) -> usize {
        if self.hard { 3 } else { 2 }
    }
}

/// Who plays which part. Nobody but the culprit was there *and* had access.
pub(super) struct Parts {
    pub(super) culprit: NpcId,
    /// Was there, had no access, and tells whom they saw.
    pub(super) witness: NpcId,
    /// Had access and was elsewhere.
    pub(super) holders: BTreeSet<NpcId>,
    /// Were there and had no access.
    pub(super) bystanders: BTreeSet<NpcId>,
    /// Keep quiet about everything that touches the deed.
    pub(super) quiet: BTreeSet<NpcId>,
}

impl Parts {
    /// Culprit and witness first, then the decoys. The first decoy had access,
    /// and in the hard game the second was there; the others fall as they may.
    pub(super) fn hand_out(npcs: &[NpcId], terms: Terms, dice: &mut dyn Dice) -> Self {
        let mut order = npcs.to_vec();
        shuffle(dice, &mut order);
        let [culprit, witness, first, second, more @ ..] = order.as_slice() else {
            panic!("a case needs at least four people");
        };
        let mut parts = Self {
            culprit: culprit.clone(),
            witness: witness.clone(),
            holders: BTreeSet::from([first.clone()]),
            bystanders: BTreeSet::new(),
            quiet: BTreeSet::from([culprit.clone()]),
        };
        if terms.hard {
            parts.bystanders.insert(second.clone());
            parts.quiet.extend([first.clone(), second.clone()]);
        } else {
            parts.cast_freely(second, dice);
            let decoy = if dice.below(2) == 0 { first } else { second };
            parts.quiet.insert(decoy.clone());
        }
        for npc in more {
            parts.cast_freely(npc, dice);
        }
        parts
    }

    /// Somebody with access, somebody who was there, or neither.
    fn cast_freely(&mut self, npc: &NpcId, dice: &mut dyn Dice) {
        let group = match dice.below(3) {
            0 => &mut self.holders,
            1 => &mut self.bystanders,
            _ => return,
        };
        group.insert(npc.clone());
    }

    /// Whether `npc` was at the place of the deed when it happened.
    pub(super) fn at_the_scene(&self, npc: &NpcId) -> bool {
        *npc == self.culprit || *npc == self.witness || self.bystanders.contains(npc)
    }
}
