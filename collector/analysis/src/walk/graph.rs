//! The happens-before graph of a trace.

use spanwalk_model::SpanKind;
use spanwalk_model::trace::Trace;

use super::NONE;
use super::event::{EventKind, Reason, WalkEvent};
use crate::skew::{Corrections, Hosts};

/// Events and which must come before which.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// An event that has no place yet.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) event: WalkEvent,
    /// The pre-order rank of its span, which breaks ties.
    pub(super) rank: u32,
}

/// One event before another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) before: u32,
    pub(super) after: u32,
    pub(super) reason: Reason,
}

impl Graph {
    /// The graph of a trace whose clocks are corrected.
    pub(super) fn of(trace: &Trace, corrections: &Corrections) -> Self {
        let shifts = shifts(trace, corrections);
        let mut graph = Self::default();
        let span_count = trace.spans().len();
        let mut ends = vec![NONE; span_count];
        let mut starts = vec![NONE; span_count];
        for rank in 0..trace.len() {
            let Some(span) = trace.at_rank(rank) else {
                continue;
            };
            let shift = shifts.get(span as usize).copied().unwrap_or(0);
            let (start, end) = graph.add_span(trace, span, shift);
            if let (Some(first), Some(last)) =
                (starts.get_mut(span as usize), ends.get_mut(span as usize))
            {
                *first = start;
                *last = end;
            }
        }
        graph.add_free_logs(trace);
        graph.connect_spans(trace, corrections, &starts, &ends);
        graph
    }

    fn add(&mut self, kind: EventKind, at: Placed, time_ns: u64) -> u32 {
        let index = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.nodes.push(Node {
            event: WalkEvent {
                kind,
                span: at.span,
                sub_index: at.sub_index,
                time_ns,
                shown_ns: time_ns.saturating_add_signed(at.shift_ns),
                reason: Reason::Time,
                clock_contradiction: false,
            },
            rank: at.rank,
        });
        index
    }

    fn connect(&mut self, before: u32, after: u32, reason: Reason) {
        if before != NONE && after != NONE && before != after {
            self.edges.push(Edge {
                before,
                after,
                reason,
            });
        }
    }

    /// The start, the end and everything in a span, in the span's own order.
    fn add_span(&mut self, trace: &Trace, span: u32, shift_ns: i64) -> (u32, u32) {
        let placed = |sub_index: u32| Placed {
            span,
            sub_index,
            shift_ns,
            rank: trace.rank(span),
        };
        let end_ns = trace.span_end_ns(span);
        let start = self.add(EventKind::SpanStart, placed(0), trace.span_start_ns(span));
        let end = self.add(EventKind::SpanEnd, placed(0), end_ns);
        self.connect(start, end, Reason::AfterSpanStart);
        let mut last_inside = start;
        let mut last_outside = end;
        for (time_ns, kind, sub_index) in inner_events(trace, span) {
            let node = self.add(kind, placed(sub_index), time_ns);
            if is_rounded_past(time_ns, end_ns)
                && let Some(node) = self.nodes.last_mut()
            {
                node.event.shown_ns = end_ns.saturating_add_signed(shift_ns);
            }
            if time_ns > end_ns && !is_rounded_past(time_ns, end_ns) {
                self.connect(last_outside, node, Reason::AfterSpanEnd);
                last_outside = node;
            } else {
                let reason = if last_inside == start {
                    Reason::AfterSpanStart
                } else {
                    Reason::AfterNeighbour
                };
                self.connect(last_inside, node, reason);
                last_inside = node;
            }
        }
        if last_inside != start {
            self.connect(last_inside, end, Reason::AfterNeighbour);
        }
        (start, end)
    }

    /// Records that name no stored span: only their time places them.
    fn add_free_logs(&mut self, trace: &Trace) {
        for (index, log) in (0_u32..).zip(trace.logs()) {
            if trace.log_span(index).is_none() {
                let placed = Placed {
                    span: NONE,
                    sub_index: index,
                    shift_ns: 0,
                    rank: NONE,
                };
                self.add(EventKind::Log, placed, log.item.moment_ns());
            }
        }
    }

    fn connect_spans(
        &mut self,
        trace: &Trace,
        corrections: &Corrections,
        starts: &[u32],
        ends: &[u32],
    ) {
        let node = |nodes: &[u32], span: u32| nodes.get(span as usize).copied().unwrap_or(NONE);
        for (child, scoped) in (0_u32..).zip(trace.spans()) {
            if let Some(parent) = trace.parent(child) {
                self.connect(
                    node(starts, parent),
                    node(starts, child),
                    Reason::AfterParentStart,
                );
                if parent_waits(trace, corrections, parent, child) {
                    self.connect(node(ends, child), node(ends, parent), Reason::AfterChildEnd);
                }
            }
            for link in &scoped.item.links {
                if Some(link.trace_id) != trace.trace_id() {
                    continue;
                }
                // A link to what comes later is a relation, not a cause.
                let linked = trace
                    .index_of(link.span_id)
                    .filter(|linked| trace.span_start_ns(*linked) <= trace.span_start_ns(child));
                if let Some(linked) = linked {
                    self.connect(
                        node(starts, linked),
                        node(starts, child),
                        Reason::AfterLinkedStart,
                    );
                }
            }
        }
    }
}

/// Where a node belongs.
#[derive(Clone, Copy)]
struct Placed {
    span: u32,
    sub_index: u32,
    shift_ns: i64,
    rank: u32,
}

/// Span events and log records of a span, by time; of equal times, events first.
fn inner_events(trace: &Trace, span: u32) -> Vec<(u64, EventKind, u32)> {
    let events = trace.span(span).into_iter().flat_map(|scoped| {
        (0_u32..)
            .zip(&scoped.item.events)
            .map(|(index, event)| (event.time_ns, EventKind::SpanEvent, index))
    });
    let logs = trace.span_logs(span).iter().filter_map(|index| {
        let log = trace.log(*index)?;
        Some((log.item.moment_ns(), EventKind::Log, *index))
    });
    let mut inner: Vec<_> = events.chain(logs).collect();
    inner.sort_unstable();
    inner
}

/// Whether the moment lies past the end of its span only because its clock counts milliseconds
/// and that of the span counts finer, as in Node and in browsers: a span's end there is its
/// rounded start and its exact length.
fn is_rounded_past(time_ns: u64, end_ns: u64) -> bool {
    const MILLISECOND_NS: u64 = 1_000_000;
    time_ns.is_multiple_of(MILLISECOND_NS) && time_ns > end_ns && time_ns - end_ns < MILLISECOND_NS
}

/// Whether the parent's end must come after the child's: the child lies inside by its
/// corrected times, or it is the server half of a call and could, by its length, lie inside
/// if its clock were right. A message's consumer is never waited for.
fn parent_waits(trace: &Trace, corrections: &Corrections, parent: u32, child: u32) -> bool {
    let kinds = (trace.kind(parent), trace.kind(child));
    if kinds.0 == SpanKind::Producer || kinds.1 == SpanKind::Consumer {
        return false;
    }
    let length = |span: u32| {
        trace
            .span_end_ns(span)
            .saturating_sub(trace.span_start_ns(span))
    };
    let start = |span: u32| corrections.corrected_ns(span, trace.span_start_ns(span));
    let end = |span: u32| corrections.corrected_ns(span, trace.span_end_ns(span));
    let is_inside = end(child) <= end(parent);
    let is_skewed_call = kinds == (SpanKind::Client, SpanKind::Server)
        && length(child) <= length(parent)
        && start(child) < start(parent);
    is_inside || is_skewed_call
}

/// How far each span's times are moved for ordering, nanoseconds: by its clock's correction,
/// and then as little as it takes to not start before the parent; spans of one host move
/// together with their parent.
fn shifts(trace: &Trace, corrections: &Corrections) -> Vec<i64> {
    let hosts = Hosts::of(trace);
    let mut shifts: Vec<i64> = (0..trace.len())
        .map(|span| corrections.offset_ns(span))
        .collect();
    for rank in 0..trace.len() {
        let Some(span) = trace.at_rank(rank) else {
            continue;
        };
        let Some(parent) = trace.parent(span) else {
            continue;
        };
        let parent_shift = shifts.get(parent as usize).copied().unwrap_or(0);
        let Some(shift) = shifts.get_mut(span as usize) else {
            continue;
        };
        if hosts.same(span, parent) {
            *shift = parent_shift;
        }
        let parent_start = trace
            .span_start_ns(parent)
            .saturating_add_signed(parent_shift);
        let own_start = trace.span_start_ns(span).saturating_add_signed(*shift);
        let missing = parent_start.saturating_sub(own_start);
        *shift = shift.saturating_add(i64::try_from(missing).unwrap_or(i64::MAX));
    }
    shifts
}
