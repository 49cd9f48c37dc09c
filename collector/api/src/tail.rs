//! `GET /api/v1/tail`: what comes in and matches, as server-sent events.
//!
//! Events are `span` with a [`TailSpan`], `log` with a [`LogEntry`](crate::LogEntry), `status`
//! with a [`TailStatus`], first of all and after each stretch in which something came, and
//! `problem` with a [`Problem`](crate::Problem), which is the last.

use serde::{Deserialize, Serialize};

/// Query string of the tail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TailParams {
    /// The query text; empty matches everything.
    #[serde(default)]
    pub q: String,
    /// `spans`, `logs` or `all`; the server's default is `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// How many items a second at most; the server's default is 50, its maximum 1,000. What
    /// comes faster is counted and not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
}

/// A span that came in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TailSpan {
    /// Its trace, 32 hex digits.
    pub trace_id: String,
    /// Its id, 16 hex digits.
    pub span_id: String,
    /// Its parent, 16 hex digits; absent for a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<String>,
    /// Its service.
    pub service: String,
    /// Its name.
    pub name: String,
    /// `server`, `client`, `producer`, `consumer`, `internal` or `unspecified`.
    pub kind: String,
    /// Its start, nanoseconds since the epoch.
    pub start_ns: u64,
    /// How long it took, nanoseconds.
    pub duration_ns: u64,
    /// Whether it failed.
    pub is_error: bool,
    /// What it says of its failure; empty where it did not fail.
    #[serde(default)]
    pub error: String,
}

/// What was sent so far and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TailStatus {
    /// Items that match and were sent.
    pub sent: u64,
    /// Items that match and were not sent, because they came faster than the rate.
    pub not_sent: u64,
    /// Traces and log records that came too fast to be read, so that nobody knows whether they
    /// match.
    pub unread: u64,
    /// The newest moment that could be seen, nanoseconds since the epoch.
    pub newest_ns: u64,
}
