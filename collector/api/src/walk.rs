//! `GET /api/v1/traces/{trace_id}/walk`: everything that happened, causes before effects.

use serde::{Deserialize, Serialize};

/// The walk of one trace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WalkResponse {
    /// 32 hex digits.
    pub trace_id: String,
    /// The moment that `offset_ns` counts from, nanoseconds since the epoch.
    pub start_ns: u64,
    /// The events in causal order.
    pub events: Vec<WalkEvent>,
    /// Index in `events` of the place where the first error began; absent where nothing failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_origin: Option<u64>,
    /// What was odd about the trace, such as a missing parent, for people.
    #[serde(default)]
    pub findings: Vec<String>,
}

/// One step of a walk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WalkEvent {
    /// `span_start`, `span_end`, `event` or `log`.
    pub kind: String,
    /// Nanoseconds since the walk's start; negative where a clock puts it before, zero where
    /// its time is not known.
    pub offset_ns: i64,
    /// Its own time, nanoseconds since the epoch; zero where it is not known.
    #[serde(default)]
    pub time_ns: u64,
    /// Depth of the span in the tree; the root has zero.
    pub depth: u32,
    /// The service.
    pub service: String,
    /// Its span, 16 hex digits; absent for a record without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// Span name, event name or log body.
    pub text: String,
    /// For a log record its level; empty otherwise.
    #[serde(default)]
    pub level: String,
    /// For the start and the end of a span its duration in nanoseconds; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ns: Option<u64>,
    /// Whether the event is a failure: a failed span's end, an exception, an error log.
    pub is_error: bool,
    /// Whether clocks contradict the causal order at this place.
    #[serde(default)]
    pub clock_contradiction: bool,
    /// Why it stands here, for people.
    #[serde(default)]
    pub why_here: String,
}
