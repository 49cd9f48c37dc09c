//! `GET /api/v1/logs`: log records that match a query, newest first.

use serde::{Deserialize, Serialize};

use crate::page::Completeness;

/// Query string of the log search; the fields mean what they mean for traces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogsParams {
    /// The query text; empty matches every record.
    #[serde(default)]
    pub q: String,
    /// Start of the range, nanoseconds since the epoch, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ns: Option<u64>,
    /// End of the range, nanoseconds since the epoch, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ns: Option<u64>,
    /// How many to return at most; the server's default is 100, its maximum 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the previous page ended, as it said in `next_cursor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Log records that match, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LogsResponse {
    /// This page.
    pub logs: Vec<LogEntry>,
    /// How complete it is.
    pub completeness: Completeness,
    /// Asks for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Remarks for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One log record in a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The record's moment: its time, else the time it was observed.
    pub time_ns: u64,
    /// `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `unspecified`.
    pub level: String,
    /// The severity as the source wrote it; empty for none.
    #[serde(default)]
    pub severity_text: String,
    /// The service that wrote it.
    pub service: String,
    /// The body as text.
    pub body: String,
    /// The event's name; empty for none.
    #[serde(default)]
    pub event_name: String,
    /// Its trace, 32 hex digits; absent where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Its span, 16 hex digits; absent where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// Its attributes as OTLP/JSON key-values.
    #[serde(default)]
    pub attributes: serde_json::Value,
}
