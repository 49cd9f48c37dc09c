//! What is wrong with a query text, and where.

use std::ops::Range;

/// Why a text is not a query: the place, what was expected there, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", expectation(.expected.as_deref()))]
pub struct QueryError {
    /// What is wrong, in one clause, lower case.
    pub message: String,
    /// The bytes of the text it speaks of; empty where something is missing at that place.
    pub range: Range<usize>,
    /// What would have been right there.
    pub expected: Option<String>,
    /// What to write in place of `range`.
    pub suggestion: Option<String>,
}

impl QueryError {
    /// An error about these bytes of the text.
    pub(crate) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            range,
            expected: None,
            suggestion: None,
        }
    }

    /// The same error, saying what would have been right.
    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The same error, saying what to write in place of the range.
    pub(crate) fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

fn expectation(expected: Option<&str>) -> String {
    expected.map_or_else(String::new, |text| format!("; expected {text}"))
}
