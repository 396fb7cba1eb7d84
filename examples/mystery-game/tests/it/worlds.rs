//! Every world is a fair riddle, and the same for the same seed.

use crate::table::{any_case, case, content};
use mystery_game::ids::TimeId;
use mystery_game::world::{Graph, refusal_overlap, violations};
use std::collections::BTreeSet;

const WORLDS: u64 = 4000;

#[test]
fn every_world_is_a_fair_riddle() {
    let content = content();
    let times: Vec<TimeId> = content.setting.times.iter().map(|time| time.id.clone()).collect();
    for seed in 0..WORLDS {
        let case = any_case(&content, seed);
        assert_eq!(violations(&case.world, &times), Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn worlds_differ_in_everything_that_matters() {
    let content = content();
    let worlds: Vec<_> = (0..200).map(|seed| any_case(&content, seed)).collect();
    let digests: BTreeSet<_> = worlds.iter().map(|case| &case.digest).collect();
    let culprits: BTreeSet<_> = worlds.iter().map(|case| &case.world.crime.culprit).collect();
    let objects: BTreeSet<_> = worlds.iter().map(|case| &case.world.crime.object).collect();
    let hours: BTreeSet<_> = worlds.iter().map(|case| &case.world.crime.when).collect();
    assert_eq!(digests.len(), worlds.len());
    assert_eq!(culprits.len(), content.cast.len());
    assert_eq!(objects.len(), content.setting.objects.len());
    assert_eq!(hours.len(), content.setting.times.len());
}

#[test]
fn the_same_seed_gives_the_same_world_and_graph() {
    let content = content();
    for seed in [0, 7, 123, u64::MAX] {
        let (one, other) = (case(&content, seed, 5, true), case(&content, seed, 5, true));
        assert_eq!(one.world, other.world);
        assert_eq!(one.digest, other.digest);
        assert_eq!(Graph::of(&one.world), Graph::of(&other.world));
    }
}

#[test]
fn the_hard_game_silences_more_people() {
    let content = content();
    for seed in 0..200 {
        assert_eq!(refusal_overlap(&case(&content, seed, 4, false).world), 2);
        assert_eq!(refusal_overlap(&case(&content, seed, 5, true).world), 3);
    }
}

#[test]
fn a_graph_leads_from_people_over_facts_to_the_culprit() {
    let case = case(&content(), 123, 4, false);
    let graph = Graph::of(&case.world);
    let ids: BTreeSet<&str> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
    for edge in &graph.edges {
        assert!(ids.contains(edge.from.as_str()) && ids.contains(edge.to.as_str()), "{edge:?}");
    }
    let proofs = graph.edges.iter().filter(|edge| edge.kind == "proves");
    assert!(proofs.clone().count() >= 2);
    assert!(proofs.clone().all(|edge| edge.to == case.world.crime.culprit.as_str()));
}

/// The pin of the generator: when this changes, so does `GENERATOR_VERSION`.
#[test]
fn the_world_of_seed_123_never_changes() {
    let case = case(&content(), 123, 4, false);
    assert_eq!(case.digest, "8d36772e2b42b3f8be10af600416f6477ae234493e44f5c77f15af121cb0519b");
}
