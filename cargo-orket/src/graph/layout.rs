//! A layered layout, from left to right: nodes in columns, edges as curves between them.
//!
//! Cycles are broken, columns filled by longest path, each column ordered by where its neighbours lie,
//! and the columns are pulled straight. All of it is arithmetic in a fixed order, so the same graph
//! always comes out the same.

use super::web::Web;
use std::collections::BTreeSet;

/// The height of a node's box, and the room above the next.
pub(super) const HEIGHT: f64 = 24.0;
const GAP: f64 = 8.0;
/// The room between two columns.
const BETWEEN: f64 = 110.0;
/// How often the order of the columns is improved.
const SWEEPS: usize = 12;
/// The most places that long edges may take up on their way.
const BENDS_MAX: usize = 4_000;

/// Where everything lies.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The left upper corner of every node.
    pub(super) at: Vec<(f64, f64)>,
    /// The points that each edge goes through, between its two boxes.
    pub(super) bends: Vec<Vec<(f64, f64)>>,
    /// Whether an edge leads from right to left.
    pub(super) backward: Vec<bool>,
    /// The whole.
    pub(super) size: (f64, f64),
}

/// A place in a column: a node, or an edge on its way.
#[derive(Debug, Clone)]
struct Place {
    column: usize,
    width: f64,
    left: Vec<usize>,
    right: Vec<usize>,
    y: f64,
}

/// Lays a graph out, whose nodes have these widths, below `width_max` for what has no edges.
pub(super) fn layout(web: &Web, widths: &[f64], width_max: f64) -> Layout {
    let count = web.nodes.len();
    let joined: BTreeSet<usize> =
        web.edges.iter().filter(|edge| edge.from != edge.to).flat_map(|edge| [edge.from, edge.to]).collect();
    let backward = backward(web, count);
    let columns = columns(web, count, &backward);
    let mut places: Vec<Place> = (0..count)
        .map(|node| Place {
            column: columns[node],
            width: widths[node],
            left: Vec::new(),
            right: Vec::new(),
            y: 0.0,
        })
        .collect();
    let chains = connect(web, &backward, &mut places);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); columns.iter().max().map_or(1, |last| last + 1)];
    for (place, at) in places.iter().enumerate() {
        if place >= count || joined.contains(&place) {
            order[at.column].push(place);
        }
    }
    sort(&mut order, &places);
    straighten(&order, &mut places);
    let spans = spans(&order, &places);
    let lefts = lefts(&spans);
    let mut layout = Layout { backward, ..Layout::default() };
    layout.at = (0..count).map(|node| (lefts[places[node].column], places[node].y)).collect();
    // A long edge crosses each column on its own level.
    let across = |place: usize| {
        let (left, y) = (lefts[places[place].column], places[place].y + HEIGHT / 2.0);
        [(left, y), (left + spans[places[place].column], y)]
    };
    let way = |(chain, back): (Vec<usize>, &bool)| -> Vec<(f64, f64)> {
        let ends = |place| {
            if *back {
                let [a, b] = across(place);
                [b, a]
            } else {
                across(place)
            }
        };
        chain.into_iter().flat_map(ends).collect()
    };
    layout.bends = chains.into_iter().zip(&layout.backward).map(way).collect();
    let bottom = order.iter().flatten().map(|place| places[*place].y + HEIGHT).fold(0.0, f64::max);
    let right = joined.iter().map(|node| layout.at[*node].0 + widths[*node]).fold(0.0, f64::max);
    layout.size = alone(&joined, widths, (right, bottom), width_max, &mut layout.at);
    layout
}

/// The edges that must lead backward, so that the others have no cycle: sources first, then what has
/// more edges out than in.
fn backward(web: &Web, count: usize) -> Vec<bool> {
    let mut degree = vec![(0_i64, 0_i64); count];
    for edge in web.edges.iter().filter(|edge| edge.from != edge.to) {
        degree[edge.from].1 += 1;
        degree[edge.to].0 += 1;
    }
    let (mut rank, mut left): (Vec<usize>, Vec<usize>) = (vec![0; count], (0..count).collect());
    for next in 0..count {
        // No edge in comes before everything; else the largest surplus of edges out, and the first of those.
        let key = |node: &usize| {
            let (ins, outs) = degree[*node];
            (ins > 0, ins - outs, *node)
        };
        let Some((at, _)) = left.iter().enumerate().min_by_key(|(_, node)| key(node)) else { break };
        let node = left.remove(at);
        rank[node] = next;
        for edge in web.edges.iter().filter(|edge| edge.from != edge.to) {
            if edge.from == node {
                degree[edge.to].0 -= 1;
            } else if edge.to == node {
                degree[edge.from].1 -= 1;
            }
        }
    }
    web.edges.iter().map(|edge| rank[edge.from] >= rank[edge.to]).collect()
}

/// The ends of an edge, the left one first.
fn ends(web: &Web, backward: &[bool], edge: usize) -> (usize, usize) {
    let (from, to) = (web.edges[edge].from, web.edges[edge].to);
    if backward[edge] { (to, from) } else { (from, to) }
}

/// The column of each node: one more than the last of those that lead to it.
fn columns(web: &Web, count: usize, backward: &[bool]) -> Vec<usize> {
    let mut columns = vec![0; count];
    for _ in 0..count {
        let mut moved = false;
        for edge in 0..web.edges.len() {
            let (left, right) = ends(web, backward, edge);
            if left != right && columns[right] <= columns[left] {
                columns[right] = columns[left] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    columns
}

/// Gives every edge its way from column to column; the places in between, in the edge's own direction.
fn connect(web: &Web, backward: &[bool], places: &mut Vec<Place>) -> Vec<Vec<usize>> {
    let (mut chains, nodes) = (Vec::new(), places.len());
    for (edge, is_backward) in backward.iter().enumerate() {
        let (left, right) = ends(web, backward, edge);
        let (mut chain, mut last) = (Vec::new(), left);
        if left != right {
            for column in places[left].column + 1..places[right].column {
                if places.len() - nodes >= BENDS_MAX {
                    break;
                }
                places.push(Place { column, width: 0.0, left: Vec::new(), right: Vec::new(), y: 0.0 });
                let place = places.len() - 1;
                join(places, last, place);
                chain.push(place);
                last = place;
            }
            join(places, last, right);
        }
        if *is_backward {
            chain.reverse();
        }
        chains.push(chain);
    }
    chains
}

fn join(places: &mut [Place], left: usize, right: usize) {
    places[left].right.push(right);
    places[right].left.push(left);
}

/// Orders each column by the middle of its neighbours, from the left and from the right in turn.
fn sort(order: &mut [Vec<usize>], places: &[Place]) {
    let mut rank = vec![0.0; places.len()];
    let note = |column: &[usize], rank: &mut Vec<f64>| {
        for (at, place) in column.iter().enumerate() {
            rank[*place] = at as f64 / column.len().max(1) as f64;
        }
    };
    order.iter().for_each(|column| note(column, &mut rank));
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 0;
        for step in 0..order.len() {
            let at = if forward { step } else { order.len() - 1 - step };
            let middle = |place: &usize| {
                let near = if forward { &places[*place].left } else { &places[*place].right };
                if near.is_empty() { rank[*place] } else { mean(near.iter().map(|other| rank[*other])) }
            };
            let keys: Vec<(f64, usize)> = order[at].iter().map(|place| (middle(place), *place)).collect();
            let mut keys = keys;
            keys.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            order[at] = keys.into_iter().map(|(_, place)| place).collect();
            note(&order[at], &mut rank);
        }
    }
}

/// Pulls every place towards its neighbours, as far as the others in its column let it.
fn straighten(order: &[Vec<usize>], places: &mut [Place]) {
    let tallest = order.iter().map(Vec::len).max().unwrap_or(0) as f64 * (HEIGHT + GAP);
    for column in order {
        let top = (tallest - column.len() as f64 * (HEIGHT + GAP)) / 2.0;
        for (at, place) in column.iter().enumerate() {
            places[*place].y = top + at as f64 * (HEIGHT + GAP);
        }
    }
    for _ in 0..SWEEPS {
        for column in order {
            let wish = |place: &usize| {
                let near: Vec<usize> = [places[*place].left.as_slice(), &places[*place].right].concat();
                if near.is_empty() {
                    places[*place].y
                } else {
                    mean(near.iter().map(|other| places[*other].y))
                }
            };
            let wishes: Vec<f64> = column.iter().map(wish).collect();
            let mut free = 0.0_f64;
            let mut placed: Vec<f64> = Vec::new();
            for wish in &wishes {
                let y = wish.max(free);
                placed.push(y);
                free = y + HEIGHT + GAP;
            }
            // Back up, where that pushed the last ones out at the bottom.
            let mut limit = tallest.max(HEIGHT + GAP) - HEIGHT - GAP;
            for y in placed.iter_mut().rev() {
                *y = y.min(limit).max(0.0);
                limit = *y - HEIGHT - GAP;
            }
            for (place, y) in column.iter().zip(placed) {
                places[*place].y = y.round();
            }
        }
    }
}

/// The width of each column.
fn spans(order: &[Vec<usize>], places: &[Place]) -> Vec<f64> {
    order.iter().map(|column| column.iter().map(|place| places[*place].width).fold(0.0, f64::max)).collect()
}

/// The left edge of each column.
fn lefts(spans: &[f64]) -> Vec<f64> {
    let mut next = 0.0;
    let mut left = |span: &f64| {
        let left = next;
        next += span + BETWEEN;
        left
    };
    spans.iter().map(&mut left).collect()
}

/// Puts what has no edges below, in rows; the size of the whole.
fn alone(
    joined: &BTreeSet<usize>,
    widths: &[f64],
    (right, bottom): (f64, f64),
    width_max: f64,
    at: &mut [(f64, f64)],
) -> (f64, f64) {
    let width_max = right.max(width_max);
    let top = if joined.is_empty() { 0.0 } else { bottom + 2.0 * HEIGHT };
    let (mut x, mut y, mut size) = (0.0, top, (right, bottom));
    for node in (0..widths.len()).filter(|node| !joined.contains(node)) {
        if x > 0.0 && x + widths[node] > width_max {
            (x, y) = (0.0, y + HEIGHT + GAP);
        }
        at[node] = (x, y);
        x += widths[node] + GAP;
        size = (size.0.max(x - GAP), y + HEIGHT);
    }
    size
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    sum / f64::max(count, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::web::{Edge, Node};

    fn web(count: usize, edges: &[(usize, usize)]) -> Web {
        let node = |n: usize| Node { label: n.to_string(), kind: String::new() };
        let edge = |(from, to): &(usize, usize)| Edge { from: *from, to: *to, kind: String::new() };
        Web {
            nodes: (0..count).map(node).collect(),
            edges: edges.iter().map(edge).collect(),
            left_out: (0, 0),
        }
    }

    #[track_caller]
    fn check(count: usize, edges: &[(usize, usize)]) -> Layout {
        let layout = layout(&web(count, edges), &vec![50.0; count], 400.0);
        for a in 0..count {
            for b in 0..a {
                let ((ax, ay), (bx, by)) = (layout.at[a], layout.at[b]);
                let apart = (ax - bx).abs() >= 50.0 || (ay - by).abs() >= HEIGHT;
                assert!(apart, "{a} at {:?} and {b} at {:?}", layout.at[a], layout.at[b]);
            }
        }
        for (x, y) in &layout.at {
            assert!(*x >= 0.0 && *y >= 0.0 && x + 50.0 <= layout.size.0 && y + HEIGHT <= layout.size.1 + 0.5);
        }
        layout
    }

    #[test]
    fn no_two_boxes_overlap_whatever_the_edges() {
        check(0, &[]);
        check(1, &[(0, 0)]);
        check(30, &[]);
        check(4, &[(0, 1), (1, 2), (2, 3), (0, 3)]);
        let cycle = check(3, &[(0, 1), (1, 2), (2, 0)]);
        assert_eq!(cycle.backward, [false, false, true]);
        let star: Vec<_> = (1..40).map(|n| (0, n)).collect();
        check(40, &star);
        let mut number = 7_usize;
        let mut next = |below: usize| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % below
        };
        for _ in 0..20 {
            let edges: Vec<_> = (0..60).map(|_| (next(30), next(30))).collect();
            check(30, &edges);
        }
    }
}
