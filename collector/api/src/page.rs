//! How complete an answer is.

use serde::{Deserialize, Serialize};

/// Stands in every list: what was looked at, what came back, and what was left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// How many items match the question; exact unless `estimate` is set.
    pub matched: u64,
    /// Whether `matched` is a lower bound, because the search stopped early.
    pub estimate: bool,
    /// How many items were read to decide.
    pub scanned: u64,
    /// How many items stand in this answer.
    pub returned: u64,
    /// Why items that match are left out; absent where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<CutReason>,
    /// The newest moment that the answer can see, nanoseconds since the epoch; zero where
    /// nothing is stored.
    pub newest_ns: u64,
}

/// Why an answer holds less than matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutReason {
    /// The limit of the request was reached; ask on with the cursor.
    Limit,
    /// The time allowed for the request ran out.
    Timeout,
}
