//! What there is to ask for: operations, keys and values, with how often they occur.
//!
//! They are counted over the newest traces that match, and over the newest log records outside
//! of traces: `completeness.scanned` says how many, `completeness.cut` whether there are more.
//! `completeness.matched` counts the rows, with those that the limit left out.

use serde::{Deserialize, Serialize};

use crate::page::Completeness;

/// Query string of [`OperationsResponse`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationsParams {
    /// The service; required.
    #[serde(default)]
    pub service: String,
    /// Start of the range, nanoseconds since the epoch, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ns: Option<u64>,
    /// End of the range, nanoseconds since the epoch, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ns: Option<u64>,
    /// How many to return at most; the server's default is 100, its maximum 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Query string of [`KeysResponse`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysParams {
    /// The query text; only what matches it is counted.
    #[serde(default)]
    pub q: String,
    /// Only keys that begin with this.
    #[serde(default)]
    pub prefix: String,
    /// Start of the range, nanoseconds since the epoch, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ns: Option<u64>,
    /// End of the range, nanoseconds since the epoch, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ns: Option<u64>,
    /// How many to return at most; the server's default is 100, its maximum 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Query string of [`ValuesResponse`]; all but the key means what it means for keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValuesParams {
    /// `service`, `name`, `kind`, `status`, `level`, `root.service`, `root.name`, or the key of
    /// an attribute, with its scope before it or without; required.
    #[serde(default)]
    pub key: String,
    /// The query text; only what matches it is counted.
    #[serde(default)]
    pub q: String,
    /// Only values that begin with this.
    #[serde(default)]
    pub prefix: String,
    /// Start of the range, nanoseconds since the epoch, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ns: Option<u64>,
    /// End of the range, nanoseconds since the epoch, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ns: Option<u64>,
    /// How many to return at most; the server's default is 100, its maximum 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The operations of a service, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationsResponse {
    /// The operations.
    pub operations: Vec<OperationEntry>,
    /// How complete they are.
    pub completeness: Completeness,
}

/// One operation of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationEntry {
    /// The name of its spans.
    pub name: String,
    /// `server`, `client`, `producer`, `consumer`, `internal` or `unspecified`.
    pub kind: String,
    /// Spans counted.
    pub span_count: u64,
    /// Spans counted that failed.
    pub error_span_count: u64,
}

/// Keys of attributes, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysResponse {
    /// The keys.
    pub keys: Vec<KeyEntry>,
    /// How complete they are.
    pub completeness: Completeness,
    /// Remarks for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One key in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEntry {
    /// The key.
    pub key: String,
    /// Where it stands: `resource`, `instrumentation`, `span`, `event`, `link` or `log`.
    pub scope: String,
    /// How many spans, events, links and log records counted have it.
    pub count: u64,
}

/// Values of a key, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValuesResponse {
    /// The values.
    pub values: Vec<ValueEntry>,
    /// How complete they are.
    pub completeness: Completeness,
    /// Remarks for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueEntry {
    /// The text by which a query finds it. Values over 256 bytes are left out.
    pub value: String,
    /// `keyword`, `string`, `int`, `double`, `bool` or `other`.
    pub kind: String,
    /// How often it was counted.
    pub count: u64,
}
