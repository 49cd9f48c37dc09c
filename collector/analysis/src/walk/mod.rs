//! Everything that happened in a request, in one line.
//!
//! A walk is a happens-before graph (`graph`) put in a line (`order`): local order within a
//! span, parent start before child start, server end before client end, links; time breaks
//! ties. No effect stands before its cause, whatever the clocks say (the problem and the
//! partial order: Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
//! 1978). Each event keeps why it stands where it does. `step` moves along the line as a
//! debugger does.

mod event;
mod graph;
mod order;
mod step;
#[cfg(test)]
mod tests;

use spanwalk_model::time::UnixNanos;
use spanwalk_model::trace::Trace;

use crate::skew::Corrections;
pub use event::{EventKind, Reason, WalkEvent};

/// No position.
const NONE: u32 = u32::MAX;

/// The events of a trace in causal order. Positions are indexes into [`Walk::events`].
#[derive(Debug, Clone, Default)]
pub struct Walk {
    events: Vec<WalkEvent>,
    span_starts: Vec<u32>,
    span_ends: Vec<u32>,
    logs: Vec<u32>,
    is_error: Vec<bool>,
    start_ns: UnixNanos,
}

impl Walk {
    /// The walk of a trace by the times as they are. Takes O(n log n) for n events.
    pub fn of(trace: &Trace) -> Self {
        Self::with_corrections(trace, &Corrections::default())
    }

    /// The walk of a trace in which corrected time breaks ties.
    pub fn with_corrections(trace: &Trace, corrections: &Corrections) -> Self {
        let events = order::in_causal_order(graph::Graph::of(trace, corrections));
        let mut walk = Self {
            span_starts: vec![NONE; trace.spans().len()],
            span_ends: vec![NONE; trace.spans().len()],
            logs: vec![NONE; trace.logs().len()],
            is_error: events.iter().map(|event| event.is_error(trace)).collect(),
            start_ns: trace.start_ns(),
            events,
        };
        for (position, event) in (0_u32..).zip(&walk.events) {
            let place = match event.kind {
                EventKind::SpanStart => walk.span_starts.get_mut(event.span as usize),
                EventKind::SpanEnd => walk.span_ends.get_mut(event.span as usize),
                EventKind::Log => walk.logs.get_mut(event.sub_index as usize),
                EventKind::SpanEvent => None,
            };
            if let Some(place) = place {
                *place = position;
            }
        }
        walk
    }

    /// The events, causes before effects.
    pub fn events(&self) -> &[WalkEvent] {
        &self.events
    }

    /// How many events there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.events.len()).unwrap_or(NONE)
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The event at a position.
    pub fn event(&self, position: u32) -> Option<&WalkEvent> {
        self.events.get(position as usize)
    }

    /// Whether the event at a position is a failure: the end of a failed span, an exception,
    /// a log record of level error or fatal.
    pub fn is_error(&self, position: u32) -> bool {
        self.is_error
            .get(position as usize)
            .copied()
            .unwrap_or(false)
    }

    /// Where a span begins.
    pub fn span_start(&self, span: u32) -> Option<u32> {
        known(&self.span_starts, span)
    }

    /// Where a span ends.
    pub fn span_end(&self, span: u32) -> Option<u32> {
        known(&self.span_ends, span)
    }

    /// Where a log record stands, by its index in the trace.
    pub fn log(&self, log: u32) -> Option<u32> {
        known(&self.logs, log)
    }

    /// The moment that offsets count from: the trace's start, nanoseconds since the epoch.
    pub fn start_ns(&self) -> UnixNanos {
        self.start_ns
    }
}

fn known(positions: &[u32], index: u32) -> Option<u32> {
    positions
        .get(index as usize)
        .copied()
        .filter(|position| *position != NONE)
}
