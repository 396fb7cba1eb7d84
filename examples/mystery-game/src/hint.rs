//! Hints: when the game offers a nudge, and towards what.
//!
//! A hint names a question and somebody who will answer it with something new. It
//! repeats none of the last four hints, nothing that was asked in the last four
//! questions, and comes no closer than three turns after another.

use crate::fact::Fact;
use crate::ids::{FactId, NpcId};
use crate::question::{Intent, Question};
use crate::world::World;
use serde::Serialize;
use std::collections::BTreeSet;

/// Turns between two hints, and turns without a discovery until one is due.
pub const PATIENCE: usize = 3;
/// So many hints and questions back nothing is repeated.
pub const MEMORY: usize = 4;

/// What kind of fact a hint leads to, in the order in which leads are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadKind {
    /// Who was seen there.
    Witness,
    /// Who was where, and when it happened.
    Presence,
    /// What is missing, and who could get at it.
    Object,
    /// What people did with it.
    Action,
}

/// An undiscovered fact that somebody will tell, and the question that gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    pub kind: LeadKind,
    pub fact: FactId,
    pub question: Question,
}

/// Why a hint is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    Discovery,
    Refusal,
    Stalled,
    Request,
}

/// Why a hint was kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restraint {
    TooSoon,
    RecentHint,
    RecentlyAsked,
    NoLead,
}

/// A hint that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub turn: usize,
    pub trigger: Trigger,
    pub lead: Lead,
    /// Who answers it: the one the player talks to, or else the first who can.
    pub target: NpcId,
}

/// A hint, or one of several, that was kept back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withheld {
    pub turn: usize,
    pub trigger: Trigger,
    pub reason: Restraint,
    pub lead: Option<String>,
}

/// The moment at which a hint is considered.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    pub turn: usize,
    pub trigger: Trigger,
    pub listener: Option<&'a NpcId>,
    pub heard: &'a BTreeSet<FactId>,
    /// All questions so far, oldest first.
    pub asked: &'a [Question],
}

/// All hints of a session, given and withheld.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    given: Vec<Hint>,
    withheld: Vec<Withheld>,
}

impl Hints {
    /// The hints given so far.
    pub fn given(&self) -> &[Hint] {
        &self.given
    }

    /// The hints kept back so far, with the reasons.
    pub fn withheld(&self) -> &[Withheld] {
        &self.withheld
    }

    /// Gives a hint if the rules allow one, and writes down why not otherwise.
    pub fn consider(&mut self, world: &World, moment: Moment<'_>) -> Result<&Hint, Restraint> {
        let last = self.given.last().map(|hint| hint.turn);
        if last.is_some_and(|turn| moment.turn < turn + PATIENCE) {
            return Err(self.withhold(moment, Restraint::TooSoon, None));
        }
        for lead in leads(world, moment.heard) {
            if let Some(reason) = self.restraint(&lead, moment.asked) {
                self.withhold(moment, reason, Some(lead.question.key()));
                continue;
            }
            self.given.push(Hint {
                turn: moment.turn,
                trigger: moment.trigger,
                target: target(world, moment.listener, &lead.fact),
                lead,
            });
            return Ok(self.given.last().expect("pushed just now"));
        }
        Err(self.withhold(moment, Restraint::NoLead, None))
    }

    fn restraint(&self, lead: &Lead, asked: &[Question]) -> Option<Restraint> {
        let mut hinted = self.given.iter().rev().take(MEMORY);
        if hinted.any(|hint| hint.lead.question == lead.question) {
            return Some(Restraint::RecentHint);
        }
        let mut recent = asked.iter().rev().take(MEMORY);
        recent.any(|question| question.overlaps(&lead.question)).then_some(Restraint::RecentlyAsked)
    }

    fn withhold(&mut self, moment: Moment<'_>, reason: Restraint, lead: Option<String>) -> Restraint {
        self.withheld.push(Withheld { turn: moment.turn, trigger: moment.trigger, reason, lead });
        reason
    }
}

/// The listener if they can tell, else the first of the cast who can.
fn target(world: &World, listener: Option<&NpcId>, fact: &FactId) -> NpcId {
    let mut candidates = listener.into_iter().chain(&world.npcs);
    let target = candidates.find(|npc| world.may_say(npc, fact));
    target.expect("a lead is a fact that somebody will tell").clone()
}

/// What is still to be found, in the order in which it is offered.
pub fn leads(world: &World, heard: &BTreeSet<FactId>) -> Vec<Lead> {
    let open = |id: &&FactId| !heard.contains(*id) && world.can_be_learnt(id);
    let mut leads: Vec<Lead> = world.facts.keys().filter(open).filter_map(|id| lead(world, id)).collect();
    // Stable: within a kind the anchors first, then by id.
    leads.sort_by_key(|lead| (lead.kind, !world.anchors.contains(&lead.fact)));
    leads
}

/// The lead to `id`, when the fact has to do with the deed.
fn lead(world: &World, id: &FactId) -> Option<Lead> {
    let crime = &world.crime;
    let ask = Question::new;
    let (kind, question) = match &world.facts[id] {
        Fact::Witness { place, when, .. } if *place == crime.place && *when == crime.when => {
            let when = Some(when.clone());
            (LeadKind::Witness, Question { when, ..ask(Intent::DidYouSee) })
        }
        Fact::TimeAnchor { .. } => (LeadKind::Presence, ask(Intent::WhenWas)),
        Fact::Presence { who, when, .. } if *when == crime.when => {
            let (who, when) = (Some(who.clone()), Some(when.clone()));
            (LeadKind::Presence, Question { who, when, ..ask(Intent::WhereWas) })
        }
        Fact::Object { .. } => (LeadKind::Object, ask(Intent::WhatDoYouKnowAbout)),
        Fact::AccessMethod { place, .. } if *place == crime.place => {
            let place = Some(place.clone());
            (LeadKind::Object, Question { place, ..ask(Intent::WhoHadAccess) })
        }
        Fact::Action { object, .. } => {
            let object = Some(object.clone());
            (LeadKind::Action, Question { object, ..ask(Intent::WhatDoYouKnowAbout) })
        }
        _ => return None,
    };
    Some(Lead { kind, fact: id.clone(), question })
}
