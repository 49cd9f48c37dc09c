//! `GET /api/v1/traces`: traces that match a query, newest first.

use serde::{Deserialize, Serialize};

use crate::page::Completeness;

/// Query string of the search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchParams {
    /// The query text; empty matches every trace. Times inside it (`since:15m`) narrow the range.
    #[serde(default)]
    pub q: String,
    /// Start of the range, nanoseconds since the epoch, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ns: Option<u64>,
    /// End of the range, nanoseconds since the epoch, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ns: Option<u64>,
    /// How many to return at most; the server's default is 50, its maximum 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the previous page ended, as it said in `next_cursor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Traces that match, newest start first; of equal starts, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchResponse {
    /// This page.
    pub traces: Vec<TraceSummary>,
    /// How complete it is.
    pub completeness: Completeness,
    /// Asks for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Remarks for people, such as an old attribute name that was mapped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One trace in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceSummary {
    /// 32 hex digits.
    pub trace_id: String,
    /// Service of the root span; of the earliest span where the root is missing.
    pub root_service: String,
    /// Name of the root span; of the earliest span where the root is missing.
    pub root_name: String,
    /// Whether a span without a parent was found.
    pub has_root: bool,
    /// Earliest start, nanoseconds since the epoch.
    pub start_ns: u64,
    /// Latest end minus earliest start, nanoseconds.
    pub duration_ns: u64,
    /// Spans stored.
    pub span_count: u64,
    /// Spans that failed.
    pub error_span_count: u64,
    /// Log records stored.
    pub log_count: u64,
    /// Log records of level error or fatal.
    pub error_log_count: u64,
    /// Services in order of their first span.
    pub services: Vec<ServiceCount>,
    /// What the first failing span or error log says; empty where nothing failed.
    #[serde(default)]
    pub first_error: String,
    /// Ids of the spans that matched the query, at most eight, 16 hex digits each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched_spans: Vec<String>,
}

/// How many spans of a trace a service has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCount {
    /// The service.
    pub name: String,
    /// Its spans in the trace.
    pub span_count: u64,
    /// Its spans that failed.
    pub error_span_count: u64,
}
