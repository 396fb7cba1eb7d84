//! What makes a world a fair riddle. Every world must satisfy all of it; the
//! generator is built so that it does, and the tests ask thousands of worlds.

use super::{Anchors, World};
use crate::fact::Fact;
use crate::ids::{NpcId, TimeId};
use std::collections::BTreeSet;

/// How many people decline to say where they were when it happened.
pub fn refusal_overlap(world: &World) -> usize {
    let silent = |npc: &&NpcId| {
        let own = |fact: &Fact| {
            matches!(fact, Fact::Presence { .. })
                && fact.who() == Some(npc)
                && fact.when() == Some(&world.crime.when)
        };
        let mut own = world.facts.iter().filter(|(_, fact)| own(fact));
        own.any(|(id, _)| world.guards(npc, id))
    };
    world.npcs.iter().filter(silent).count()
}

/// Every broken rule, in words; empty for a fair riddle.
pub fn violations(world: &World, times: &[TimeId]) -> Vec<String> {
    let mut found = Vec::new();
    cast_is_big_enough(world, &mut found);
    everybody_is_somewhere(world, times, &mut found);
    witnesses_agree_with_presence(world, &mut found);
    knowledge_is_about_facts(world, &mut found);
    anchors_can_be_learnt(world, &mut found);
    silence_is_shared(world, &mut found);
    only_the_culprit_fits(world, &mut found);
    nobody_tells_it_all(world, &mut found);
    the_stolen_stays_stolen(world, times, &mut found);
    found
}

fn cast_is_big_enough(world: &World, found: &mut Vec<String>) {
    let min = if world.hard { 5 } else { 4 };
    if world.npcs.len() < min {
        found.push(format!("{} people, needs {min}", world.npcs.len()));
    }
}

fn everybody_is_somewhere(world: &World, times: &[TimeId], found: &mut Vec<String>) {
    for npc in &world.npcs {
        for time in times {
            let there = |fact: &&Fact| {
                matches!(fact, Fact::Presence { .. }) && fact.who() == Some(npc) && fact.when() == Some(time)
            };
            let places = world.facts.values().filter(there).count();
            if places != 1 {
                found.push(format!("{npc} is in {places} places at {time}"));
            }
        }
    }
}

fn witnesses_agree_with_presence(world: &World, found: &mut Vec<String>) {
    for (id, fact) in &world.facts {
        let Fact::Witness { witness, who, place, when } = fact else {
            continue;
        };
        for person in [witness, who] {
            let presence = Fact::Presence { who: person.clone(), place: place.clone(), when: when.clone() };
            if world.facts.get(&presence.id()) != Some(&presence) {
                found.push(format!("{id}: {person} was not there"));
            }
        }
        if witness == who {
            found.push(format!("{id}: nobody witnesses themselves"));
        }
    }
}

fn knowledge_is_about_facts(world: &World, found: &mut Vec<String>) {
    for (npc, known) in &world.knows {
        for id in known.iter().filter(|id| !world.facts.contains_key(*id)) {
            found.push(format!("{npc} knows {id}, which is not so"));
        }
    }
    for (npc, guarded) in &world.guards {
        for id in guarded.iter().filter(|id| !world.knows(npc, id)) {
            found.push(format!("{npc} guards {id} without knowing it"));
        }
    }
    for (id, fact) in &world.facts {
        if *id != fact.id() {
            found.push(format!("{id} names another fact"));
        }
    }
}

fn anchors_can_be_learnt(world: &World, found: &mut Vec<String>) {
    let anchors = &world.anchors;
    for anchor in [&anchors.time, &anchors.object, &anchors.access, &anchors.linkage] {
        if !world.facts.contains_key(anchor) || !world.can_be_learnt(anchor) {
            found.push(format!("nobody can tell {anchor}"));
        }
    }
}

fn silence_is_shared(world: &World, found: &mut Vec<String>) {
    let min = if world.hard { 3 } else { 2 };
    let overlap = refusal_overlap(world);
    if overlap < min {
        found.push(format!("{overlap} people keep quiet, needs {min}"));
    }
}

/// Presence and access together name the culprit; neither does alone, and nobody
/// tells of the deed itself.
fn only_the_culprit_fits(world: &World, found: &mut Vec<String>) {
    let there = world.at_the_scene();
    let able: BTreeSet<&NpcId> = world.access[&world.crime.place].holders.iter().collect();
    if there.len() < 2 || able.len() < 2 {
        found.push(format!("{} were there, {} had access", there.len(), able.len()));
    }
    if there.intersection(&able).collect::<Vec<_>>() != [&&world.crime.culprit] {
        found.push("presence and access do not name the culprit alone".to_owned());
    }
    for (id, fact) in &world.facts {
        if is_the_deed(world, fact) && world.can_be_learnt(id) {
            found.push(format!("{id} gives the culprit away"));
        }
    }
}

/// Who saw the culprit and who had access must come from two people.
fn nobody_tells_it_all(world: &World, found: &mut Vec<String>) {
    let Anchors { access, linkage, .. } = &world.anchors;
    let all = |npc: &&NpcId| world.may_say(npc, access) && world.may_say(npc, linkage);
    found.extend(world.npcs.iter().filter(all).map(|npc| format!("{npc} tells it all")));
}

fn is_the_deed(world: &World, fact: &Fact) -> bool {
    matches!(fact, Fact::Action { .. })
        && fact.who() == Some(&world.crime.culprit)
        && fact.object() == Some(&world.crime.object)
}

fn the_stolen_stays_stolen(world: &World, times: &[TimeId], found: &mut Vec<String>) {
    let hour = |time: &TimeId| times.iter().position(|t| t == time);
    for (id, fact) in &world.facts {
        let Fact::Action { object, when, .. } = fact else {
            continue;
        };
        let gone = hour(when) >= hour(&world.crime.when);
        if *object == world.crime.object && gone && !is_the_deed(world, fact) {
            found.push(format!("{id}: the thing was gone by then"));
        }
    }
}
