//! Puts the graph in a line: a topological sort with time as the tie-break (Kahn, "Topological
//! sorting of large networks", 1962, with a heap in place of the queue).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::event::{EventKind, Reason, WalkEvent};
use super::graph::{Edge, Graph, Node};

/// The order of events that no cause orders: shown time; then deeper ends before outer ends
/// and outer starts before deeper ones; then the order in which they were made.
type Key = (u64, u64, u32);

/// The events, causes before effects. Where causes go in a circle, which only broken links
/// can do, the earliest event of those left comes next and is marked.
pub(super) fn in_causal_order(graph: Graph) -> Vec<WalkEvent> {
    let Graph { nodes, edges } = graph;
    let (starts, edges) = edges_by_cause(&edges, nodes.len());
    let mut waiting_for = vec![0_u32; nodes.len()];
    for edge in &edges {
        if let Some(count) = waiting_for.get_mut(edge.after as usize) {
            *count += 1;
        }
    }
    // Sorted once, so that the heap compares small numbers and not keys.
    let by_turn = by_turn(&nodes);
    let mut turns = vec![0_u32; nodes.len()];
    for (turn, index) in (0_u32..).zip(&by_turn) {
        if let Some(place) = turns.get_mut(*index as usize) {
            *place = turn;
        }
    }
    let turn_of = |index: u32| turns.get(index as usize).copied().unwrap_or(u32::MAX);
    let mut ready: BinaryHeap<Reverse<u32>> = (0_u32..)
        .zip(&waiting_for)
        .filter(|(_, count)| **count == 0)
        .map(|(index, _)| Reverse(turn_of(index)))
        .collect();
    // Only looked at when causes go in a circle.
    let mut left = by_turn.iter().copied();
    let mut is_placed = vec![false; nodes.len()];
    let mut held_by: Vec<Option<(Reason, u64)>> = vec![None; nodes.len()];
    let mut line = Vec::with_capacity(nodes.len());
    loop {
        let (next, is_forced) = match ready.pop() {
            Some(Reverse(turn)) => match by_turn.get(turn as usize) {
                Some(index) => (*index, false),
                None => continue,
            },
            None => match left.find(|index| is_placed.get(*index as usize) == Some(&false)) {
                Some(index) => (index, true),
                None => break,
            },
        };
        let at = next as usize;
        if is_placed.get(at).copied().unwrap_or(true) {
            continue;
        }
        if let Some(placed) = is_placed.get_mut(at) {
            *placed = true;
        }
        let Some(node) = nodes.get(at) else {
            continue;
        };
        let held = held_by.get(at).copied().flatten();
        line.push(placed_event(node.event, held, is_forced));
        let from = starts.get(at).copied().unwrap_or(0) as usize;
        let to = starts.get(at + 1).copied().unwrap_or(0) as usize;
        for edge in edges.get(from..to).unwrap_or_default() {
            let after = edge.after as usize;
            hold(&mut held_by, after, edge.reason, node.event.time_ns);
            if let Some(count) = waiting_for.get_mut(after) {
                *count = count.saturating_sub(1);
                if *count == 0 && !is_placed.get(after).copied().unwrap_or(true) {
                    ready.push(Reverse(turn_of(edge.after)));
                }
            }
        }
    }
    line
}

/// The indexes of nodes in the order of their keys.
fn by_turn(nodes: &[Node]) -> Vec<u32> {
    let mut keys: Vec<Key> = (0_u32..)
        .zip(nodes)
        .map(|(index, node)| {
            let (class, rank) = match node.event.kind {
                EventKind::SpanEnd => (0, u32::MAX - node.rank),
                EventKind::SpanStart => (1, node.rank),
                EventKind::SpanEvent | EventKind::Log => (2, node.rank),
            };
            (node.event.shown_ns, class << 32 | u64::from(rank), index)
        })
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, _, index)| index).collect()
}

/// The edges by cause, in the order they came, and where each cause's edges begin.
fn edges_by_cause(edges: &[Edge], node_count: usize) -> (Vec<u32>, Vec<Edge>) {
    let mut starts = vec![0_u32; node_count + 1];
    for edge in edges {
        if let Some(count) = starts.get_mut(edge.before as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut next = starts.clone();
    let mut sorted = edges.to_vec();
    for edge in edges {
        if let Some(place) = next.get_mut(edge.before as usize)
            && let Some(at) = sorted.get_mut(*place as usize)
        {
            *at = *edge;
            *place += 1;
        }
    }
    (starts, sorted)
}

/// Keeps the latest cause of an event: the one that holds it back most.
fn hold(held_by: &mut [Option<(Reason, u64)>], after: usize, reason: Reason, cause_ns: u64) {
    if let Some(held) = held_by.get_mut(after)
        && held.is_none_or(|(_, latest_ns)| cause_ns > latest_ns)
    {
        *held = Some((reason, cause_ns));
    }
}

fn placed_event(mut event: WalkEvent, held: Option<(Reason, u64)>, is_forced: bool) -> WalkEvent {
    if is_forced {
        event.reason = Reason::Unknown;
    } else if let Some((reason, cause_ns)) = held {
        // A time of zero is no time, so it contradicts nothing.
        event.clock_contradiction = event.time_ns != 0 && cause_ns > event.time_ns;
        if event.clock_contradiction || event.time_ns == 0 || reason == Reason::AfterSpanEnd {
            event.reason = reason;
        }
    }
    event
}
