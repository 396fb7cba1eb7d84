//! What the game says unasked: hints, and what an unclear line could have meant.

use super::menu::{Menu, Then};
use super::{Beat, Session};
use crate::answer::Decision;
use crate::content::{Suggestion, fill};
use crate::fact::Fact;
use crate::hint::{Hint, Lead, Moment, PATIENCE, Restraint, Trigger, leads};
use crate::ids::NpcId;
use crate::question::Question;

impl Session<'_> {
    /// The hint that the last turn calls for, if the rules allow one now.
    pub(super) fn hint_after_turn(&mut self, npc: &NpcId, decision: Decision, grew: bool) -> Option<String> {
        let trigger = self.trigger(decision, grew)?;
        let hint = self.consider_hint(trigger, Some(npc)).ok()?;
        self.turns.last_mut()?.hint = Some(hint.clone());
        Some(hint)
    }

    fn trigger(&self, decision: Decision, grew: bool) -> Option<Trigger> {
        let refused = decision == Decision::Refuse;
        if grew {
            Some(Trigger::Discovery)
        } else if refused && !leads(&self.case.world, self.notebook.heard()).is_empty() {
            Some(Trigger::Refusal)
        } else {
            (self.stalled >= PATIENCE).then_some(Trigger::Stalled)
        }
    }

    /// `hint`: the rules on repetition and distance hold here too.
    pub(super) fn ask_for_hint(&mut self) -> Beat {
        let narrator = &self.case.content.phrases.narrator;
        let listener = self.listener.clone();
        match self.consider_hint(Trigger::Request, listener.as_ref()) {
            Ok(hint) => Beat::of(&hint),
            Err(Restraint::TooSoon) => Beat::of(&narrator.hint_too_soon),
            Err(_) => Beat::of(&narrator.hint_none),
        }
    }

    fn consider_hint(&mut self, trigger: Trigger, listener: Option<&NpcId>) -> Result<String, Restraint> {
        let moment = Moment {
            turn: self.turns.len(),
            trigger,
            listener,
            heard: self.notebook.heard(),
            asked: &self.asked,
        };
        let hint = self.hints.consider(&self.case.world, moment)?.clone();
        self.notebook.mark_hint(&hint.lead.question.key());
        Ok(self.hint_text(&hint, listener))
    }

    fn hint_text(&self, hint: &Hint, listener: Option<&NpcId>) -> String {
        let hints = &self.case.content.phrases.hints;
        let frame = if listener == Some(&hint.target) { &hints.here } else { &hints.elsewhere };
        let question = self.lead_in_words(&hint.lead, &hint.target);
        let target = self.case.name(&hint.target);
        // The question stands inside the sentence, so it keeps its small letter.
        frame.replace("{target}", target).replace("{question}", &question)
    }

    fn lead_in_words(&self, lead: &Lead, target: &NpcId) -> String {
        let content = &self.case.content;
        let hints = &content.phrases.hints;
        let fact = &self.case.world.facts[&lead.fact];
        let template = match fact {
            Fact::Witness { .. } => &hints.witness,
            Fact::Presence { who, .. } if who == target => &hints.presence_self,
            Fact::Presence { .. } => &hints.presence_other,
            Fact::TimeAnchor { .. } => &hints.time,
            Fact::Object { .. } => &hints.object,
            Fact::AccessMethod { .. } => &hints.access,
            Fact::Action { .. } | Fact::Secret { .. } => &hints.action,
        };
        let who = fact.who().map_or("", |npc| self.case.name(npc));
        let when = fact.when().map_or("", |time| &content.time(time).name);
        let place = fact.place().map_or("", |place| &content.place(place).name);
        let object = fact.object().map_or("", |object| &content.object(object).name);
        template
            .replace("{who}", who)
            .replace("{when}", when)
            .replace("{place}", place)
            .replace("{object}", object)
    }

    /// What could have been meant by a line that asks nothing we understand.
    pub(super) fn suggest(&mut self, npc: &NpcId, unclear: &Question) -> Beat {
        let narrator = &self.case.content.phrases.narrator;
        let Some((suggestions, name)) = self.topic(unclear) else {
            return Beat::of(&narrator.try_questions);
        };
        let mut menu = Menu::new(&narrator.which_question);
        for suggestion in suggestions {
            let label = fill(&suggestion.label, &[("name", name)]);
            let intent = suggestion.intent;
            let question = Question { intent, ..unclear.clone() };
            menu.add(label.clone(), &[], Then::Ask(npc.clone(), question, label));
        }
        self.offer(menu)
    }

    /// What can be asked about the first thing that is named, in this order:
    /// somebody, a thing, a place, an hour.
    fn topic(&self, unclear: &Question) -> Option<(&[Suggestion], &str)> {
        let content = &self.case.content;
        let offered = &content.intents.suggestions;
        match unclear {
            Question { who: Some(who), .. } => Some((&offered.npc, self.case.name(who))),
            Question { object: Some(id), .. } => Some((&offered.object, &content.object(id).name)),
            Question { place: Some(id), .. } => Some((&offered.place, &content.place(id).name)),
            Question { when: Some(id), .. } => Some((&offered.time, &content.time(id).name)),
            _ => None,
        }
    }
}
