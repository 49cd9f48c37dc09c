//! `GET /api/v1/traces/{trace_id}/critical-path`: what the request waited for.

use serde::{Deserialize, Serialize};

/// The critical path of the span that the request began with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriticalPathResponse {
    /// 32 hex digits.
    pub trace_id: String,
    /// When the path begins, nanoseconds since the epoch; zero where the trace has no spans.
    pub start_ns: u64,
    /// Its length, nanoseconds: the sum of its sections.
    pub duration_ns: u64,
    /// Its parts in order of time; each begins where the one before ends.
    pub sections: Vec<PathSection>,
    /// The same by operation, the longest share first.
    pub operations: Vec<PathOperation>,
    /// Paths beside this one: of other roots, and of what was sent on its way.
    pub other_path_count: u64,
    /// What had to be assumed, for people.
    #[serde(default)]
    pub assumptions: Vec<String>,
}

/// A part of a critical path: the request waited for this span.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathSection {
    /// 16 hex digits.
    pub span_id: String,
    /// The span's service.
    pub service: String,
    /// The span's name.
    pub operation: String,
    /// Nanoseconds since the epoch, with clocks as the path has them.
    pub start_ns: u64,
    /// Nanoseconds since the epoch.
    pub end_ns: u64,
}

/// What an operation contributes to a critical path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathOperation {
    /// The service.
    pub service: String,
    /// The spans' name.
    pub operation: String,
    /// Time of the path in it, nanoseconds.
    pub path_ns: u64,
    /// Its spans on the path.
    pub span_count: u64,
}
