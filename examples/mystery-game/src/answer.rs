//! Truth or silence: what somebody does with a question.
//!
//! Known and not guarded: the fact. Guarded: a refusal. Otherwise: they do not
//! know. Nobody lies, and nobody says more than one fact at a time.

mod speech;

pub use speech::{Speech, holders, list, speak};

use crate::fact::Fact;
use crate::ids::{FactId, NpcId};
use crate::question::{Intent, Question};
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What comes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Decision {
    /// A fact that the speaker knows and does not guard.
    Answer,
    /// The speaker knows, and keeps quiet.
    Refuse,
    DontKnow,
    /// The question was ambiguous. Never states a fact.
    Clarify,
}

impl Decision {
    /// The name in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "ANSWER",
            Self::Refuse => "REFUSE",
            Self::DontKnow => "DONT_KNOW",
            Self::Clarify => "CLARIFY",
        }
    }
}

/// A decision, with the fact if there is one to state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub decision: Decision,
    pub fact: Option<FactId>,
    /// More facts would have answered the question too, and are still unheard.
    pub more: bool,
}

impl Verdict {
    /// A verdict that states nothing.
    pub fn without_fact(decision: Decision) -> Self {
        Self { decision, fact: None, more: false }
    }
}

/// Decides what `speaker` does with `question`. Of several facts, one that is not
/// among `heard` comes first, so that asking again brings out the rest.
pub fn decide(world: &World, heard: &BTreeSet<FactId>, speaker: &NpcId, question: &Question) -> Verdict {
    if question.intent == Intent::UnclassifiedAmbiguous {
        return Verdict::without_fact(Decision::Clarify);
    }
    let known = relevant(world, speaker, question);
    let (guarded, open): (Vec<_>, Vec<_>) = known.into_iter().partition(|id| world.guards(speaker, id));
    let mut sayable = open.into_iter().filter(|id| renders(question.intent, &world.facts[*id]));
    let Some(first) = sayable.clone().find(|id| !heard.contains(*id)).or(sayable.next()) else {
        let silent = if guarded.is_empty() { Decision::DontKnow } else { Decision::Refuse };
        return Verdict::without_fact(silent);
    };
    Verdict {
        decision: Decision::Answer,
        more: sayable.any(|id| id != first && !heard.contains(id)),
        fact: Some(first.clone()),
    }
}

/// What `speaker` knows that bears on the question, most telling kind first.
fn relevant<'w>(world: &'w World, speaker: &NpcId, question: &Question) -> Vec<&'w FactId> {
    let known = world.knows.get(speaker).into_iter().flatten();
    let mut bearing: Vec<&FactId> =
        known.filter(|id| bears_on(world, speaker, question, &world.facts[*id])).collect();
    bearing.sort_by_key(|id| rank(&world.facts[*id]));
    bearing
}

fn rank(fact: &Fact) -> u8 {
    match fact {
        Fact::Object { .. } => 0,
        Fact::TimeAnchor { .. } => 1,
        Fact::AccessMethod { .. } => 2,
        Fact::Secret { .. } => 3,
        Fact::Presence { .. } => 4,
        Fact::Witness { .. } => 5,
        Fact::Action { .. } => 6,
    }
}

/// The render gate: what a fact must carry before it may answer an intent.
pub fn renders(intent: Intent, fact: &Fact) -> bool {
    match intent {
        Intent::WhereWas => fact.place().is_some(),
        Intent::WhenWas => fact.when().is_some(),
        Intent::DidYouSee => fact.who().is_some() || fact.witness().is_some(),
        Intent::WhoHadAccess | Intent::DidYouHaveAccess => {
            matches!(fact, Fact::AccessMethod { .. })
        }
        Intent::DidYouDo => matches!(fact, Fact::Action { .. }),
        Intent::WhoWasWith => fact.witness().is_some(),
        Intent::WhatDoYouKnowAbout => true,
        Intent::MetaRepeat | Intent::UnclassifiedAmbiguous => false,
    }
}

/// Whether `fact` is about what is asked. Says nothing yet about being sayable:
/// a secret bears on "did you do it?", and can only ever lead to a refusal there.
fn bears_on(world: &World, speaker: &NpcId, question: &Question, fact: &Fact) -> bool {
    let who = fits(question.who.as_ref(), fact.subject());
    let place = fits(question.place.as_ref(), fact.domain());
    let object = fits(question.object.as_ref(), fact.object());
    let when = fits(question.when.as_ref(), fact.when());
    match (question.intent, fact) {
        (Intent::WhereWas, Fact::Presence { .. } | Fact::Witness { .. } | Fact::Action { .. }) => {
            who && object && when
        }
        (Intent::WhenWas, Fact::TimeAnchor { .. }) => asks_for_the_deed(world, question),
        (Intent::WhenWas, Fact::Presence { .. } | Fact::Witness { .. }) => {
            question.who.is_some() && who && place && object
        }
        (Intent::WhenWas, Fact::Action { .. }) => {
            (question.who.is_some() || question.object.is_some()) && who && place && object
        }
        (Intent::DidYouSee, Fact::Witness { .. }) => who && place && when && object,
        (Intent::DidYouSee, Fact::Action { who: actor, .. }) => {
            question.object.is_some() && actor != speaker && who && place && when && object
        }
        (Intent::WhoWasWith, Fact::Witness { .. }) => {
            (who || question.who.as_ref() == Some(speaker)) && place && when
        }
        (Intent::WhoHadAccess | Intent::DidYouHaveAccess, Fact::AccessMethod { .. }) => place,
        (Intent::DidYouDo, Fact::Action { who: actor, .. }) => actor == speaker && object && place && when,
        (Intent::DidYouDo, Fact::Secret { npc, .. }) => npc == speaker,
        (Intent::WhatDoYouKnowAbout, Fact::TimeAnchor { .. }) => asks_for_the_deed(world, question) && when,
        (Intent::WhatDoYouKnowAbout, _) if question.surface() == "-" => {
            matches!(fact, Fact::Object { .. } | Fact::Secret { .. })
        }
        (Intent::WhatDoYouKnowAbout, _) => who && place && object && when,
        _ => false,
    }
}

/// Nobody in particular is asked after, and the thing or the place, if named, is
/// the one of the deed.
fn asks_for_the_deed(world: &World, question: &Question) -> bool {
    question.who.is_none()
        && question.object.as_ref().is_none_or(|o| *o == world.crime.object)
        && question.place.as_ref().is_none_or(|p| *p == world.crime.place)
}

/// An open side fits everything; a named one only what carries it.
fn fits<T: PartialEq>(asked: Option<&T>, carried: Option<&T>) -> bool {
    asked.is_none() || asked == carried
}
