//! The accusation, and the ways out of a game.

use super::{Beat, Session};
use crate::answer::{holders, list};
use crate::chime::Chime;
use crate::content::fill;
use crate::ids::NpcId;
use serde::{Deserialize, Serialize};

/// What an accusation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The right person, with proof.
    Solved,
    /// The right person, and nothing to show for it.
    Unproven,
    Wrong,
}

impl Outcome {
    /// The name in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Solved => "solved",
            Self::Unproven => "unproven",
            Self::Wrong => "wrong",
        }
    }
}

/// How a game ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Accused { npc: NpcId, outcome: Outcome },
    Quit,
    OutOfLines,
}

impl Session<'_> {
    /// Accuses somebody. Without any case against them the first time only warns,
    /// in the same words for the guilty and the innocent.
    pub(super) fn accuse(&mut self, npc: NpcId) -> Beat {
        let world = &self.case.world;
        if !self.notebook.has_case(world, &npc) && self.warned.as_ref() != Some(&npc) {
            let weak = &self.case.content.phrases.narrator.weak_case;
            let beat = Beat::of(&fill(weak, &[("name", self.case.first_name(&npc))]));
            self.warned = Some(npc);
            return beat;
        }
        let outcome = if npc != world.crime.culprit {
            Outcome::Wrong
        } else if self.notebook.proves(world) {
            Outcome::Solved
        } else {
            Outcome::Unproven
        };
        let mut beat = self.verdict(&npc, outcome);
        self.explain(&mut beat, outcome);
        self.score(&mut beat);
        self.ending = Some(Ending::Accused { npc, outcome });
        beat
    }

    /// Ends without an accusation.
    pub(super) fn leave(&mut self, ending: Ending, farewell: &str) -> Beat {
        let mut beat = Beat::of(farewell);
        self.score(&mut beat);
        self.ending = Some(ending);
        beat
    }

    fn verdict(&self, accused: &NpcId, outcome: Outcome) -> Beat {
        let endings = &self.case.content.scenes.endings;
        let (text, chime) = match outcome {
            Outcome::Solved => (&endings.solved, Chime::Won),
            Outcome::Unproven => (&endings.unproven, Chime::Lost),
            Outcome::Wrong => (&endings.wrong, Chime::Lost),
        };
        let accused = self.case.name(accused);
        let culprit = self.case.name(&self.case.world.crime.culprit);
        let mut beat = Beat::of(&fill(text, &[("accused", accused), ("culprit", culprit)]));
        beat.chime = Some(chime);
        beat
    }

    /// The case in five sentences.
    fn explain(&self, beat: &mut Beat, outcome: Outcome) {
        let (content, world) = (&self.case.content, &self.case.world);
        let (crime, endings) = (&world.crime, &content.scenes.endings);
        let place = content.place(&crime.place);
        let there = world.at_the_scene();
        let there: Vec<&str> = there.into_iter().map(|npc| self.case.name(npc)).collect();
        let values = [
            ("object", content.object(&crime.object).name.as_str()),
            ("when", &content.time(&crime.when).name),
            ("where", &place.at),
            ("place", &place.name),
            ("present", &list(&there)),
            ("method", content.method(&crime.place, &world.access[&crime.place].method)),
            ("holders", &holders(content, world, &crime.place)),
            ("culprit", self.case.name(&crime.culprit)),
        ];
        beat.say("\n");
        for text in [&endings.what, &endings.present, &endings.means, &endings.both] {
            beat.say(&fill(text, &values));
        }
        if outcome == Outcome::Unproven {
            beat.say(&fill(&endings.missing, &values));
        }
    }

    fn score(&self, beat: &mut Beat) {
        let turns = self.turns.len().to_string();
        let facts = self.notebook.heard().len().to_string();
        let hints = self.hints.given().len().to_string();
        let values = [("turns", &*turns), ("facts", &facts), ("hints", &hints)];
        beat.say(&fill(&self.case.content.scenes.endings.score, &values));
    }
}
