//! What an index can answer of a query: conditions that every match fulfils.

mod derive;
mod explain;

use spanwalk_model::{SeverityLevel, SpanKind, TraceId};

pub(crate) use derive::{Target, of_filter};

/// A necessary condition: whatever matches the query fulfils it, and more may.
///
/// On a trace, each term stands for itself: it may be fulfilled by another span or log record
/// of the trace than its neighbour in [`Condition::All`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing is known: every item may match.
    Everything,
    /// All of these hold.
    All(Vec<Self>),
    /// At least one of these holds. Without any, nothing can match.
    OneOf(Vec<Self>),
    /// This holds.
    Term(Term),
}

/// One fact that an index can look up.
///
/// On a trace it is fulfilled by any of its spans or log records; on a log record by the
/// record itself. "Attribute" means those of the span, its events and links, or of the log
/// record, and of their resource and instrumentation scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The resource's `Resource::service_name` is this.
    Service(String),
    /// A span has this name.
    Name(String),
    /// A span is of this kind.
    Kind(SpanKind),
    /// A span failed: `Span::is_error`.
    Error,
    /// An attribute has this key and can be found by this text
    /// ([`value_texts`](crate::text::value_texts)), which is at most
    /// [`EXACT_BYTES_MAX`](crate::text::EXACT_BYTES_MAX) long.
    Attribute {
        /// The attribute's key.
        key: String,
        /// One of the canonical texts of its value.
        value: String,
    },
    /// An attribute has this key.
    HasAttribute {
        /// The attribute's key.
        key: String,
    },
    /// All these words occur in one of the item's
    /// [`span_texts`](crate::text::span_texts) or [`log_texts`](crate::text::log_texts).
    Words(Vec<String>),
    /// A log record is of this level or a higher one.
    LevelAtLeast(SeverityLevel),
    /// A span took this long or longer, in nanoseconds.
    DurationAtLeast(u64),
    /// A span took this long or less, in nanoseconds.
    DurationAtMost(u64),
    /// The trace has this id, or the log record belongs to it.
    Trace(TraceId),
}

impl Condition {
    /// All of these, without what says nothing; nothing where one of them cannot hold.
    pub(crate) fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = Vec::new();
        for condition in conditions {
            match condition {
                Self::Everything => {}
                Self::OneOf(inner) if inner.is_empty() => return Self::nothing(),
                Self::All(inner) => parts.extend(inner),
                other => parts.push(other),
            }
        }
        match parts.len() {
            0 => Self::Everything,
            1 => parts.remove(0),
            _ => Self::All(parts),
        }
    }

    /// One of these; where one says nothing, nothing is known.
    pub(crate) fn one_of(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = Vec::new();
        for condition in conditions {
            match condition {
                Self::Everything => return Self::Everything,
                Self::OneOf(inner) => parts.extend(inner),
                other => parts.push(other),
            }
        }
        match parts.len() {
            1 => parts.remove(0),
            _ => Self::OneOf(parts),
        }
    }

    /// Nothing can match.
    pub(crate) fn nothing() -> Self {
        Self::OneOf(Vec::new())
    }
}
