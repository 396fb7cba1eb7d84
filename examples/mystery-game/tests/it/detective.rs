//! Every case can be solved with plain questions: a detective who knows only what
//! it is told solves hundreds of them.

use crate::table::{any_case, content};
use mystery_game::answer::Decision;
use mystery_game::case::Case;
use mystery_game::dice::SeedDice;
use mystery_game::fact::Fact;
use mystery_game::ids::{NpcId, PlaceId, TimeId};
use mystery_game::session::{Ending, Outcome, Session};
use std::collections::BTreeSet;

struct Detective<'a> {
    case: &'a Case,
    session: Session<'a>,
    dice: SeedDice,
    script: Vec<String>,
}

impl<'a> Detective<'a> {
    fn on(case: &'a Case) -> Self {
        let (session, dice) = (Session::new(case), SeedDice::new(case.seed));
        Self { case, session, dice, script: Vec::new() }
    }

    fn say(&mut self, line: String) {
        self.session.hear(Some(&line), &mut self.dice);
        self.script.push(line);
    }

    /// Asks everybody, and everybody again who had something to say.
    fn ask_all(&mut self, question: &str) {
        for npc in &self.case.world.npcs {
            for _ in 0..self.case.world.npcs.len() {
                self.say(format!("{}, {question}", self.case.first_name(npc)));
                let last = self.session.turns().last().expect("a question makes a turn");
                if last.decision != Decision::Answer {
                    break;
                }
            }
        }
    }

    /// The facts that were stated to the detective, and no others.
    fn told(&self) -> Vec<&'a Fact> {
        self.session.notebook().heard().iter().map(|id| &self.case.world.facts[id]).collect()
    }

    fn investigate(&mut self) -> (PlaceId, TimeId) {
        self.ask_all("what happened?");
        self.ask_all("when did it happen?");
        let told = self.told();
        let when = told.iter().find_map(|fact| match fact {
            Fact::TimeAnchor { time } => Some(time.clone()),
            _ => None,
        });
        let object = told.iter().find_map(|fact| match fact {
            Fact::Object { object } => Some(object),
            _ => None,
        });
        let place = self.case.content.object(object.expect("somebody tells what is missing")).kept_in.clone();
        (place, when.expect("somebody tells when"))
    }

    fn suspects(&self, place: &PlaceId, when: &TimeId) -> Vec<NpcId> {
        let there: BTreeSet<&NpcId> = self
            .told()
            .into_iter()
            .filter(|fact| fact.place() == Some(place) && fact.when() == Some(when))
            .flat_map(|fact| fact.who().into_iter().chain(fact.witness()))
            .collect();
        there.into_iter().filter(|npc| self.case.world.has_access(npc, place)).cloned().collect()
    }
}

#[test]
fn every_case_can_be_solved_by_asking() {
    let content = content();
    for seed in 0..300 {
        let case = any_case(&content, seed);
        let mut detective = Detective::on(&case);
        let (place, when) = detective.investigate();
        let (place_name, hour) = (&content.place(&place).name, &content.time(&when).name);
        detective.ask_all(&format!("did you see anyone at {hour}?"));
        detective.ask_all(&format!("who had access to {place_name}?"));
        let suspects = detective.suspects(&place, &when);
        let [culprit] = suspects.as_slice() else {
            panic!("seed {seed}: {suspects:?}");
        };
        detective.say(format!("accuse {}", case.first_name(culprit)));
        let solved = Ending::Accused { npc: culprit.clone(), outcome: Outcome::Solved };
        assert_eq!(detective.session.ending(), Some(&solved), "seed {seed}");
    }
}
