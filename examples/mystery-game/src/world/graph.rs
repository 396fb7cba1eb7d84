//! A world as a graph: what the plan of a run shows, so that the case is fixed
//! and hashed before a turn is played.

use super::World;
use crate::fact::Fact;
use serde::Serialize;
use std::collections::BTreeSet;

/// Nodes and edges, both sorted, so that equal worlds give equal graphs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Graph {
    pub nodes: BTreeSet<Node>,
    pub edges: BTreeSet<Edge>,
}

/// A fact, a person, a place or an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Node {
    pub id: String,
    pub kind: &'static str,
}

/// `knows` and `guards` lead from people to facts, `proves` from facts to the culprit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    pub from: String,
    pub kind: &'static str,
    pub to: String,
}

impl Graph {
    /// The graph of `world`.
    pub fn of(world: &World) -> Self {
        Self { nodes: nodes(world), edges: edges(world) }
    }
}

fn nodes(world: &World) -> BTreeSet<Node> {
    let node = |id: &str, kind| Node { id: id.to_owned(), kind };
    let facts = world.facts.iter();
    let objects = world.facts.values().filter_map(Fact::object);
    let people = world.npcs.iter().map(|id| node(id.as_str(), "npc"));
    let places = world.access.keys().map(|id| node(id.as_str(), "place"));
    facts
        .map(|(id, _)| node(id.as_str(), "fact"))
        .chain(objects.map(|id| node(id.as_str(), "object")))
        .chain(people)
        .chain(places)
        .collect()
}

fn edges(world: &World) -> BTreeSet<Edge> {
    let edge = |from: &str, kind, to: &str| Edge { from: from.to_owned(), kind, to: to.to_owned() };
    let mut edges = BTreeSet::new();
    for (kind, held) in [("knows", &world.knows), ("guards", &world.guards)] {
        for (npc, facts) in held {
            edges.extend(facts.iter().map(|fact| edge(npc.as_str(), kind, fact.as_str())));
        }
    }
    let anchors = &world.anchors;
    for fact in [&anchors.time, &anchors.object, &anchors.access, &anchors.linkage] {
        edges.insert(edge(fact.as_str(), "proves", world.crime.culprit.as_str()));
    }
    edges
}
