//! The author's own graph, found in the metadata of a plan by its shape.

use crate::report::counted;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

/// How many nodes are drawn.
const NODES_MAX: usize = 300;
/// How many edges are drawn.
const EDGES_MAX: usize = 1_500;
/// How deep the graph may lie in the metadata.
const DEPTH_MAX: usize = 4;

/// Nodes and edges.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Web {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// How many nodes and edges are left out.
    pub(super) left_out: (usize, usize),
}

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) label: String,
    pub(super) kind: String,
}

/// An edge between two nodes, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: String,
}

impl Web {
    /// What is left out, in words.
    pub(super) fn rest(&self) -> String {
        let (nodes, edges) = self.left_out;
        format!("left out: {}, {}", counted(nodes, "node"), counted(edges, "edge"))
    }

    /// The first object in the metadata that has `nodes` and `edges` (or `links`).
    pub(crate) fn find(metadata: &Map<String, Value>) -> Option<Self> {
        within(metadata, DEPTH_MAX)
    }

    /// The kinds of its nodes, sorted.
    pub(super) fn node_kinds(&self) -> BTreeSet<&str> {
        self.nodes.iter().map(|node| node.kind.as_str()).filter(|kind| !kind.is_empty()).collect()
    }

    /// The kinds of its edges, sorted.
    pub(super) fn edge_kinds(&self) -> BTreeSet<&str> {
        self.edges.iter().map(|edge| edge.kind.as_str()).filter(|kind| !kind.is_empty()).collect()
    }
}

fn within(object: &Map<String, Value>, depth: usize) -> Option<Web> {
    let edges = object.get("edges").or_else(|| object.get("links"));
    if let (Some(Value::Array(nodes)), Some(Value::Array(edges))) = (object.get("nodes"), edges)
        && !nodes.is_empty()
    {
        return read(nodes, edges);
    }
    let depth = depth.checked_sub(1)?;
    object.values().find_map(|value| within(value.as_object()?, depth))
}

fn read(nodes: &[Value], edges: &[Value]) -> Option<Web> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut web = Web { nodes: Vec::new(), edges: Vec::new(), left_out: (0, 0) };
    for node in nodes {
        let (id, node) = self::node(node)?;
        if web.nodes.len() == NODES_MAX {
            web.left_out.0 += 1;
        } else if let Entry::Vacant(place) = numbers.entry(id) {
            place.insert(web.nodes.len());
            web.nodes.push(node);
        }
    }
    for edge in edges {
        let (from, to, kind) = self::edge(edge)?;
        match (numbers.get(&from), numbers.get(&to)) {
            (Some(&from), Some(&to)) if web.edges.len() < EDGES_MAX => {
                web.edges.push(Edge { from, to, kind });
            }
            _ => web.left_out.1 += 1,
        }
    }
    web.edges.sort();
    web.edges.dedup();
    Some(web)
}

/// A node: an id, or an object that has one.
fn node(value: &Value) -> Option<(String, Node)> {
    if let Some(id) = name(value) {
        return Some((id.clone(), Node { label: id, kind: String::new() }));
    }
    let object = value.as_object()?;
    let id = any(object, &["id", "name", "key"])?;
    let label = any(object, &["label", "title", "name"]).unwrap_or_else(|| id.clone());
    Some((id, Node { label, kind: any(object, &["kind", "type", "group"]).unwrap_or_default() }))
}

/// An edge: a pair, or an object that names both ends.
fn edge(value: &Value) -> Option<(String, String, String)> {
    if let Value::Array(pair) = value {
        return Some((
            name(pair.first()?)?,
            name(pair.get(1)?)?,
            pair.get(2).and_then(name).unwrap_or_default(),
        ));
    }
    let object = value.as_object()?;
    let (from, to) = (any(object, &["from", "source"])?, any(object, &["to", "target"])?);
    Some((from, to, any(object, &["kind", "label", "type"]).unwrap_or_default()))
}

fn any(object: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| object.get(*key).and_then(name))
}

fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
