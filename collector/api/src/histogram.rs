//! `GET /api/v1/logs/histogram`: how many log records match, by level over time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::page::Completeness;

/// Query string of the histogram.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistogramParams {
    /// The query text; empty matches every record.
    #[serde(default)]
    pub q: String,
    /// Start of the range, nanoseconds since the epoch, inclusive; the oldest match where it
    /// is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ns: Option<u64>,
    /// End of the range, nanoseconds since the epoch, exclusive; behind the newest match where
    /// it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ns: Option<u64>,
    /// Into how many stretches the range is divided; the server's default is 60, its maximum
    /// 1,000. Where the range is shorter than that many nanoseconds there are fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<u32>,
}

/// Counts by level over time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistogramResponse {
    /// Where the first stretch begins, nanoseconds since the epoch.
    pub start_ns: u64,
    /// How long each stretch is, in nanoseconds; zero where nothing can match.
    pub bucket_ns: u64,
    /// The stretches in order, those without a record too: how many records each level has.
    /// Levels without a record are left out.
    pub buckets: Vec<BTreeMap<String, u64>>,
    /// How complete the counts are. Records are read from the newest back, so that those left
    /// out stand in the first stretches; `matched` and `returned` are the records counted.
    pub completeness: Completeness,
    /// Remarks for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
