//! Questions and answers: from a line to a turn.

use super::command::{addressed, numbered};
use super::menu::{Menu, Then};
use super::{Beat, Session};
use crate::answer::{Decision, Speech, Verdict, decide, speak};
use crate::chime::Chime;
use crate::dice::{Dice, pick};
use crate::ids::{FactId, NpcId};
use crate::question::{Gap, Intent, Question, is_question, read};
use crate::record::Turn;

impl Session<'_> {
    /// A line that is no command: a name, somebody addressed, or a question.
    pub(super) fn converse(&mut self, line: &str, dice: &mut dyn Dice) -> Beat {
        let (content, cast) = (&self.case.content, &self.case.world.npcs);
        if let Some(npc) = numbered(line, cast).or_else(|| addressed(line, content, cast)) {
            return self.turn_to(npc);
        }
        if let Some((name, question)) = line.split_once([',', ':'])
            && let Some(npc) = addressed(name, content, cast)
        {
            self.listener = Some(npc.clone());
            return self.ask_line(&npc, question.trim(), dice);
        }
        if let Some(npc) = self.listener.clone() {
            return self.ask_line(&npc, line, dice);
        }
        if !is_question(line, content, cast) {
            return Beat::of(&content.phrases.narrator.nobody_listens);
        }
        let title = &content.phrases.narrator.whom;
        let then = |npc| Then::AskPerson(npc, line.to_owned());
        self.offer(self.people_menu(title, &[], then))
    }

    /// Puts the question in `line`, or asks for what it lacks.
    pub(super) fn ask_line(&mut self, npc: &NpcId, line: &str, dice: &mut dyn Dice) -> Beat {
        let question = read(line, npc, &self.case.content, &self.case.world.npcs);
        self.ask(npc, question, line, dice)
    }

    /// Puts a question, or asks for what it lacks first.
    pub(super) fn ask(&mut self, npc: &NpcId, question: Question, line: &str, dice: &mut dyn Dice) -> Beat {
        match question.gap() {
            None => self.put(npc, question, line, dice),
            Some(gap) => self.offer(self.gap_menu(gap, npc, &question, line)),
        }
    }

    fn gap_menu(&self, gap: Gap, npc: &NpcId, question: &Question, line: &str) -> Menu {
        let content = &self.case.content;
        let narrator = &content.phrases.narrator;
        let ask = |question| Then::Ask(npc.clone(), question, line.to_owned());
        match gap {
            Gap::Time => {
                let mut menu = Menu::new(&narrator.which_time);
                for time in &content.setting.times {
                    let when = Some(time.id.clone());
                    let then = ask(Question { when, ..question.clone() });
                    menu.add(time.name.clone(), &time.aliases, then);
                }
                menu
            }
            Gap::Place => {
                let mut menu = Menu::new(&narrator.which_place);
                for item in &content.setting.places {
                    let place = Some(item.id.clone());
                    let then = ask(Question { place, ..question.clone() });
                    menu.add(item.name.clone(), &item.aliases, then);
                }
                menu
            }
        }
    }

    /// One turn: a question is put to somebody, who decides what to do with it.
    fn put(&mut self, npc: &NpcId, question: Question, line: &str, dice: &mut dyn Dice) -> Beat {
        let (verdict, response) = self.respond(npc, &question, dice);
        let decision = verdict.decision;
        let mut beat = Beat::of(&format!("{}: \"{response}\"", self.case.name(npc)));
        if verdict.more {
            beat.say(&self.case.content.phrases.narrator.more);
        }
        let news = self.take_down(npc, &question, &verdict, &response);
        beat.chime = news.filter(|fact| self.case.world.anchors.contains(fact)).map(|_| Chime::Discovery);
        let grew = news.is_some();
        self.stalled = if grew { 0 } else { self.stalled + 1 };
        self.turns.push(Turn {
            turn: self.turns.len() + 1,
            npc: npc.clone(),
            question: line.to_owned(),
            intent: question.intent,
            surface: question.surface(),
            decision,
            fact_id: verdict.fact,
            response,
            hint: None,
        });
        self.asked.push(question.clone());
        if let Some(hint) = self.hint_after_turn(npc, decision, grew) {
            beat.say(&hint);
        }
        if question.intent == Intent::UnclassifiedAmbiguous {
            beat.lines.extend(self.suggest(npc, &question).lines);
        }
        beat
    }

    /// Writes the statement down. The fact comes back when it is new.
    fn take_down<'v>(
        &mut self,
        npc: &NpcId,
        question: &Question,
        verdict: &'v Verdict,
        response: &str,
    ) -> Option<&'v FactId> {
        let fact = verdict.fact.as_ref()?;
        if question.intent != Intent::MetaRepeat {
            self.notebook.quote(format!("{}: \"{response}\"", self.case.name(npc)));
        }
        let new = self.notebook.write(&self.case.world, npc, question.intent, fact);
        new.then_some(fact)
    }

    fn respond(&self, npc: &NpcId, question: &Question, dice: &mut dyn Dice) -> (Verdict, String) {
        if question.intent == Intent::MetaRepeat {
            return self.repeat(npc);
        }
        let phrases = &self.case.content.phrases;
        let verdict = decide(&self.case.world, self.notebook.heard(), npc, question);
        let response = match (&verdict.fact, verdict.decision) {
            (Some(fact), _) => self.state(npc, question.intent, fact, dice),
            (None, Decision::Refuse) => any(&phrases.refusals, dice),
            (None, Decision::Clarify) => any(&phrases.clarifications, dice),
            (None, _) => any(&phrases.unknowns, dice),
        };
        (verdict, response)
    }

    fn state(&self, speaker: &NpcId, intent: Intent, fact: &FactId, dice: &mut dyn Dice) -> String {
        let (content, world) = (&self.case.content, &self.case.world);
        speak(Speech { content, world, speaker, intent }, &world.facts[fact], dice)
    }

    /// The last thing that `npc` said to a question, a refusal included.
    fn repeat(&self, npc: &NpcId) -> (Verdict, String) {
        let mut said = self.turns.iter().rev();
        match said.find(|turn| turn.npc == *npc && turn.decision != Decision::Clarify) {
            Some(turn) => {
                let verdict = Verdict { fact: turn.fact_id.clone(), ..Verdict::without_fact(turn.decision) };
                (verdict, turn.response.clone())
            }
            None => {
                let nothing = &self.case.content.phrases.narrator.nothing_to_repeat;
                (Verdict::without_fact(Decision::DontKnow), nothing.clone())
            }
        }
    }
}

fn any(variants: &[String], dice: &mut dyn Dice) -> String {
    pick(dice, variants).expect("the content check leaves no list empty").clone()
}
