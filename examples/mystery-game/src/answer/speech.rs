//! Facts in words, as their speaker says them.

use crate::content::{Content, fill};
use crate::dice::{Dice, pick};
use crate::fact::Fact;
use crate::ids::{NpcId, PlaceId};
use crate::question::Intent;
use crate::world::World;

/// Who speaks about what in which world.
#[derive(Clone, Copy)]
pub struct Speech<'a> {
    pub content: &'a Content,
    pub world: &'a World,
    pub speaker: &'a NpcId,
    pub intent: Intent,
}

/// The sentence with which the speaker states `fact`.
pub fn speak(speech: Speech<'_>, fact: &Fact, dice: &mut dyn Dice) -> String {
    let variants = template(speech, fact);
    let sentence = pick(dice, variants).expect("the content check leaves no list empty");
    with_names(speech, fact, sentence)
}

/// "Nick Vale, Nadia Bloom and Gabe Rourke"
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => "nobody".to_owned(),
        [one] => one.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", most.join(", "), last.as_ref())
        }
    }
}

fn template<'a>(speech: Speech<'a>, fact: &Fact) -> &'a [String] {
    let answers = &speech.content.phrases.answers;
    let own = fact.subject() == Some(speech.speaker);
    match fact {
        Fact::TimeAnchor { .. } => &answers.time_anchor,
        Fact::Presence { .. } if own => &answers.presence_self,
        Fact::Presence { .. } => &answers.presence_other,
        Fact::Witness { witness, .. } if witness == speech.speaker => &answers.witness_self,
        Fact::Witness { .. } => &answers.witness_other,
        Fact::AccessMethod { place, .. } => match speech.intent {
            Intent::DidYouHaveAccess if speech.world.has_access(speech.speaker, place) => &answers.access_yes,
            Intent::DidYouHaveAccess => &answers.access_no,
            Intent::WhoHadAccess => &answers.access_graph,
            _ => &answers.access_method,
        },
        Fact::Object { .. } => &answers.object,
        Fact::Action { .. } if own => &answers.action_self,
        Fact::Action { .. } => &answers.action_other,
        Fact::Secret { .. } => &answers.secret_other,
    }
}

fn with_names(speech: Speech<'_>, fact: &Fact, sentence: &str) -> String {
    let Speech { content, world, .. } = speech;
    let mut values = Vec::new();
    if let Some(npc) = fact.subject() {
        values.push(("who", content.npc(npc).name.clone()));
    }
    if let Some(npc) = fact.witness() {
        values.push(("witness", content.npc(npc).name.clone()));
    }
    if let Some(time) = fact.when() {
        values.push(("when", content.time(time).name.clone()));
    }
    if let Some(place) = fact.domain() {
        values.push(("where", content.place(place).at.clone()));
        values.push(("place", content.place(place).name.clone()));
        values.push(("domain", content.place(place).name.clone()));
    }
    if let Some(object) = fact.object() {
        values.push(("object", content.object(object).name.clone()));
    }
    match fact {
        Fact::AccessMethod { place, method } => {
            values.push(("method", content.method(place, method).to_owned()));
            values.push(("holders", holders(content, world, place)));
        }
        Fact::Action { action, .. } => values.push(("action", content.deed(action).to_owned())),
        Fact::Secret { hint, .. } => values.push(("hint", content.secret(hint).to_owned())),
        _ => {}
    }
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    fill(sentence, &values)
}

/// Who can open `place`, by name. From the access graph and nothing else.
pub fn holders(content: &Content, world: &World, place: &PlaceId) -> String {
    let holds = |npc: &&NpcId| world.has_access(npc, place);
    let names: Vec<&str> =
        world.npcs.iter().filter(holds).map(|npc| content.npc(npc).name.as_str()).collect();
    list(&names)
}
