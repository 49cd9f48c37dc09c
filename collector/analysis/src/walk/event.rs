//! One step of a walk.

use std::fmt;

use spanwalk_model::log::SeverityLevel;
use spanwalk_model::semconv;
use spanwalk_model::time::UnixNanos;
use spanwalk_model::trace::Trace;

use super::NONE;

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A span begins.
    SpanStart,
    /// A span event happens.
    SpanEvent,
    /// A log record is written.
    Log,
    /// A span ends.
    SpanEnd,
}

/// Why an event stands where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Its time says so.
    Time,
    /// A span's start comes before what happens in it.
    AfterSpanStart,
    /// What happens in a span keeps its order.
    AfterNeighbour,
    /// A parent starts before its child.
    AfterParentStart,
    /// The work that a span waited for ends before the span.
    AfterChildEnd,
    /// A linked span starts before the one that links to it.
    AfterLinkedStart,
    /// It came after its span had ended.
    AfterSpanEnd,
    /// Causes contradict each other here; the order is not known.
    Unknown,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "its time says so",
            Self::AfterSpanStart => "its span started before it",
            Self::AfterNeighbour => "it follows its neighbour in the same span",
            Self::AfterParentStart => "a parent starts before its child",
            Self::AfterChildEnd => "the work it waited for ended first",
            Self::AfterLinkedStart => "the span it links to started first",
            Self::AfterSpanEnd => "it came after its span had ended",
            Self::Unknown => "the order is not known here: its causes contradict each other",
        })
    }
}

/// One step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkEvent {
    /// What it is.
    pub kind: EventKind,
    /// Index of its span in the trace; `u32::MAX` for a record without a stored span.
    pub span: u32,
    /// For a span event its index in the span, for a log record its index in the trace,
    /// otherwise zero.
    pub sub_index: u32,
    /// When it happened by its own clock, nanoseconds since the epoch; zero where unknown.
    pub time_ns: UnixNanos,
    /// The time to show, which ordered it: its own with its clock corrected, moved as far as
    /// its span needs to not start before its parent.
    pub shown_ns: UnixNanos,
    /// Why it stands where it does.
    pub reason: Reason,
    /// Whether its own time contradicts the causes that hold it here.
    pub clock_contradiction: bool,
}

impl WalkEvent {
    /// Its span, where that is stored.
    pub fn span(&self) -> Option<u32> {
        (self.span != NONE).then_some(self.span)
    }

    /// Whether it is a failure.
    pub(super) fn is_error(&self, trace: &Trace) -> bool {
        match self.kind {
            EventKind::SpanStart => false,
            EventKind::SpanEnd => trace.is_error(self.span),
            EventKind::SpanEvent => self
                .span()
                .and_then(|span| trace.span(span))
                .and_then(|span| span.item.events.get(self.sub_index as usize))
                .is_some_and(|event| event.name == semconv::EXCEPTION_EVENT),
            EventKind::Log => trace
                .log(self.sub_index)
                .is_some_and(|log| log.item.level() >= SeverityLevel::Error),
        }
    }
}
