//! `GET /api/v1/traces/{trace_id}/diff?with=…`: what another trace does differently.

use serde::{Deserialize, Serialize};

/// Query string of the comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiffParams {
    /// The other trace, 32 hex digits.
    pub with: String,
}

/// Two traces side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffResponse {
    /// The first trace, 32 hex digits.
    pub before: String,
    /// The other trace, 32 hex digits.
    pub after: String,
    /// Length of the first's critical path, nanoseconds.
    pub before_ns: u64,
    /// Length of the other's critical path, nanoseconds.
    pub after_ns: u64,
    /// Every place of either, the largest contribution first; contributions sum to the
    /// difference of the lengths.
    pub places: Vec<DiffPlace>,
    /// Where they first differ in what is called; absent where they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub divergence: Option<DiffDivergence>,
    /// What they say differently at the same place.
    pub attributes: Vec<DiffAttribute>,
    /// Templates of log records that only the first has.
    pub templates_before: Vec<String>,
    /// Templates of log records that only the other has.
    pub templates_after: Vec<String>,
}

/// A place: spans that were reached in the same way from the root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffPlace {
    /// The way from the root as `service operation`, one text a step.
    pub path: Vec<String>,
    /// What it contributes to the difference of the lengths, nanoseconds.
    pub contribution_ns: i64,
    /// In the first trace.
    pub before: DiffSide,
    /// In the other trace.
    pub after: DiffSide,
}

/// What a trace has at a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffSide {
    /// Its spans.
    pub span_count: u64,
    /// Of these, those that failed.
    pub error_count: u64,
    /// Their lengths, nanoseconds.
    pub total_ns: u64,
    /// How long the critical path waits for them themselves, nanoseconds.
    pub path_ns: u64,
}

/// The first spans that do not stand for each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffDivergence {
    /// The last span of the first trace that has its like, as `service operation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_common: Option<String>,
    /// What the first trace does next; absent where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What the other does next; absent where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// An attribute whose values differ at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffAttribute {
    /// The place, as `service operation`.
    pub place: String,
    /// The key, `resource.` in front for one of the resource.
    pub key: String,
    /// Values that only the first trace has.
    pub before: Vec<String>,
    /// Values that only the other has.
    pub after: Vec<String>,
}
