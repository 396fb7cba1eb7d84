//! Truth or silence, and the render gate.

use crate::table::{any_case, content};
use mystery_game::answer::{Decision, decide, renders};
use mystery_game::case::Case;
use mystery_game::fact::Fact;
use mystery_game::ids::{NpcId, ObjectId, PlaceId, TimeId};
use mystery_game::question::{Intent, Question};
use std::collections::BTreeSet;

/// Every combination of sides, for every intent.
fn every_question(case: &Case) -> Vec<Question> {
    fn sides<T: Clone>(ids: impl Iterator<Item = T>) -> Vec<Option<T>> {
        std::iter::once(None).chain(ids.map(Some)).collect()
    }
    let setting = &case.content.setting;
    let who: Vec<Option<NpcId>> = sides(case.world.npcs.iter().cloned());
    let places: Vec<Option<PlaceId>> = sides(setting.places.iter().map(|x| x.id.clone()));
    let objects: Vec<Option<ObjectId>> = sides(setting.objects.iter().map(|x| x.id.clone()));
    let times: Vec<Option<TimeId>> = sides(setting.times.iter().map(|x| x.id.clone()));
    let mut questions = Vec::new();
    for intent in Intent::ALL {
        for who in &who {
            for place in &places {
                for object in &objects {
                    questions.extend(times.iter().map(|when| Question {
                        intent,
                        who: who.clone(),
                        place: place.clone(),
                        object: object.clone(),
                        when: when.clone(),
                    }));
                }
            }
        }
    }
    questions
}

#[test]
fn nobody_lies_and_nobody_is_made_to_talk() {
    let content = content();
    for seed in 0..12 {
        let case = any_case(&content, seed);
        let world = &case.world;
        for question in every_question(&case) {
            for npc in &world.npcs {
                let verdict = decide(world, &BTreeSet::new(), npc, &question);
                assert_eq!(verdict.fact.is_some(), verdict.decision == Decision::Answer);
                if let Some(id) = &verdict.fact {
                    assert!(world.may_say(npc, id), "seed {seed}: {npc} says {id} to {}", question.key());
                    assert!(renders(question.intent, &world.facts[id]), "{id} for {}", question.key());
                }
            }
        }
    }
}

#[test]
fn the_ambiguous_and_the_meta_question_never_state_a_fact() {
    let content = content();
    let case = any_case(&content, 3);
    for question in every_question(&case) {
        let ambiguous = question.intent == Intent::UnclassifiedAmbiguous;
        if !ambiguous && question.intent != Intent::MetaRepeat {
            continue;
        }
        let verdict = decide(&case.world, &BTreeSet::new(), &case.world.npcs[0], &question);
        assert_eq!(verdict.fact, None);
        assert_eq!(verdict.decision == Decision::Clarify, ambiguous);
    }
}

#[test]
fn the_gate_asks_of_a_fact_what_its_intent_promises() {
    let content = content();
    let world = any_case(&content, 5).world;
    for fact in world.facts.values() {
        let access = matches!(fact, Fact::AccessMethod { .. });
        assert_eq!(renders(Intent::WhereWas, fact), fact.place().is_some());
        assert_eq!(renders(Intent::WhenWas, fact), fact.when().is_some());
        assert_eq!(renders(Intent::DidYouSee, fact), fact.who().is_some() || fact.witness().is_some());
        assert_eq!(renders(Intent::WhoHadAccess, fact), access);
        assert_eq!(renders(Intent::DidYouHaveAccess, fact), access);
        assert!(!renders(Intent::UnclassifiedAmbiguous, fact));
    }
}

/// Asking everybody "did you do it?" must not find the culprit: the quiet all refuse.
#[test]
fn refusals_do_not_single_out_the_culprit() {
    let content = content();
    for seed in 0..300 {
        let case = any_case(&content, seed);
        let world = &case.world;
        let hour = Some(world.crime.when.clone());
        let scene = Some(world.crime.place.clone());
        let ask = Question::new;
        let did = |_: &NpcId| Question { object: Some(world.crime.object.clone()), ..ask(Intent::DidYouDo) };
        let access = |_: &NpcId| Question { place: scene.clone(), ..ask(Intent::DidYouHaveAccess) };
        let whereabouts =
            |npc: &NpcId| Question { who: Some(npc.clone()), when: hour.clone(), ..ask(Intent::WhereWas) };
        let probes: [&dyn Fn(&NpcId) -> Question; 3] = [&did, &access, &whereabouts];
        for probe in probes {
            let refuses =
                |npc: &&NpcId| decide(world, &BTreeSet::new(), npc, &probe(npc)).decision == Decision::Refuse;
            let refusing: Vec<&NpcId> = world.npcs.iter().filter(refuses).collect();
            assert!(refusing.contains(&&world.crime.culprit), "seed {seed}");
            assert!(refusing.len() >= if world.hard { 3 } else { 2 }, "seed {seed}: {refusing:?}");
        }
    }
}
