//! `GET /api/v1/traces/{trace_id}/patterns`: shapes in a trace that cost time or hide trouble.

use serde::{Deserialize, Serialize};

/// What was recognised in a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternsResponse {
    /// 32 hex digits.
    pub trace_id: String,
    /// Length of the critical path, nanoseconds, which costs are parts of.
    pub duration_ns: u64,
    /// What was found, what costs most first.
    pub patterns: Vec<PatternEntry>,
}

/// One thing found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternEntry {
    /// The pattern's name, such as `n_plus_one`.
    pub pattern: String,
    /// What was found, for people.
    pub what: String,
    /// How much of the critical paths it takes, nanoseconds; zero where none waits for it.
    pub cost_ns: u64,
    /// What to do about it.
    pub cure: String,
    /// By what it was recognised, with the numbers.
    pub evidence: Vec<String>,
    /// The first of the spans it concerns, 16 hex digits each.
    pub spans: Vec<String>,
    /// How many spans it concerns.
    pub span_count: u64,
}
