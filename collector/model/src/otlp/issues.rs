//! What was wrong with single items of a message that could be decoded.

use std::collections::BTreeMap;
use std::fmt;

use crate::batch::{ResourceItems, item_count};

/// What a message held: the usable items, and what was wrong with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<T> {
    /// The usable items as they came; groups without one are left out.
    pub groups: Vec<ResourceItems<T>>,
    /// What was rejected or mended.
    pub issues: Issues,
}

impl<T> Decoded<T> {
    /// How many usable items there are.
    pub fn item_count(&self) -> usize {
        item_count(&self.groups)
    }
}

/// Counts of rejected items and of mended ones, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issues {
    /// Items left out.
    pub rejected: BTreeMap<RejectReason, u64>,
    /// Faults mended; the items were kept.
    pub warnings: BTreeMap<WarnReason, u64>,
}

impl Issues {
    /// Counts one rejected item.
    pub fn reject(&mut self, reason: RejectReason) {
        self.reject_many(reason, 1);
    }

    /// Counts several items rejected for one reason.
    pub fn reject_many(&mut self, reason: RejectReason, count: u64) {
        if count > 0 {
            let total = self.rejected.entry(reason).or_default();
            *total = total.saturating_add(count);
        }
    }

    /// Counts one mended fault.
    pub fn warn(&mut self, reason: WarnReason) {
        let total = self.warnings.entry(reason).or_default();
        *total = total.saturating_add(1);
    }

    /// Adds the counts of other issues.
    pub fn absorb(&mut self, other: &Self) {
        for (reason, count) in &other.rejected {
            self.reject_many(*reason, *count);
        }
        for (reason, count) in &other.warnings {
            let total = self.warnings.entry(*reason).or_default();
            *total = total.saturating_add(*count);
        }
    }

    /// How many items were rejected, whatever the reason.
    pub fn rejected_count(&self) -> u64 {
        self.rejected
            .values()
            .fold(0, |total, count| total.saturating_add(*count))
    }

    /// Whether nothing was rejected and nothing mended.
    pub fn is_empty(&self) -> bool {
        self.rejected.is_empty() && self.warnings.is_empty()
    }

    /// What the sender is told in a partial success: English, one sentence per reason, of
    /// bounded length. `None` where all was well.
    pub fn message(&self) -> Option<String> {
        let rejected = self
            .rejected
            .iter()
            .map(|(reason, count)| format!("rejected {count}: {reason}"));
        let mended = self
            .warnings
            .iter()
            .map(|(reason, count)| format!("mended {count}: {reason}"));
        let sentences: Vec<String> = rejected.chain(mended).collect();
        (!sentences.is_empty()).then(|| sentences.join("; "))
    }
}

/// Why an item was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectReason {
    /// A span's trace id is not 16 bytes, or all zero.
    InvalidTraceId,
    /// A span's id is not 8 bytes, or all zero.
    InvalidSpanId,
    /// A value nests deeper than [`VALUE_DEPTH_MAX`](super::VALUE_DEPTH_MAX).
    NestedTooDeep,
    /// An item of another tracer's format lacks a field or has one of a wrong kind.
    Malformed,
}

impl RejectReason {
    /// A stable name for counters, such as `invalid_trace_id`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidTraceId => "invalid_trace_id",
            Self::InvalidSpanId => "invalid_span_id",
            Self::NestedTooDeep => "nested_too_deep",
            Self::Malformed => "malformed",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidTraceId => "span whose trace id is not 16 bytes, or all zero",
            Self::InvalidSpanId => "span whose span id is not 8 bytes, or all zero",
            Self::NestedTooDeep => "item with a value nested more than 64 levels deep",
            Self::Malformed => "item without a field it needs, or with a field of a wrong kind",
        })
    }
}

/// What was mended in an item that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WarnReason {
    /// A text is not valid Unicode; what is invalid in it became U+FFFD.
    InvalidText,
    /// A span's parent id has a wrong length; the span was kept without parent.
    InvalidParentSpanId,
    /// A log record's trace or span id has a wrong length; the record was kept without it.
    InvalidLogId,
    /// A link's ids are invalid; the link was left out.
    InvalidLink,
    /// A field refers to a string table, which traces and logs do not have; it was ignored.
    StringTableIndex,
    /// An attribute of a resource or scope nests too deep; it was left out and counted as
    /// dropped.
    DeepAttribute,
    /// A span of another tracer's format names a process that is not described.
    UnknownProcess,
    /// An id of another tracer's format is no hex number; one derived from its text stands
    /// for it.
    DerivedId,
    /// A time or duration cannot be a moment, such as a negative one; it became zero.
    InvalidTime,
}

impl WarnReason {
    /// A stable name for counters, such as `invalid_text`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidText => "invalid_text",
            Self::InvalidParentSpanId => "invalid_parent_span_id",
            Self::InvalidLogId => "invalid_log_id",
            Self::InvalidLink => "invalid_link",
            Self::StringTableIndex => "string_table_index",
            Self::DeepAttribute => "deep_attribute",
            Self::UnknownProcess => "unknown_process",
            Self::DerivedId => "derived_id",
            Self::InvalidTime => "invalid_time",
        }
    }
}

impl fmt::Display for WarnReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidText => "text that is not valid Unicode, replaced by U+FFFD",
            Self::InvalidParentSpanId => "invalid parent span id, left out",
            Self::InvalidLogId => "invalid trace or span id of a log record, left out",
            Self::InvalidLink => "link with invalid ids, left out",
            Self::StringTableIndex => "string table index outside profiles, ignored",
            Self::DeepAttribute => "resource or scope attribute nested too deep, left out",
            Self::UnknownProcess => "span of an undescribed process, kept without service",
            Self::DerivedId => "id that is no hex number, one was derived from its text",
            Self::InvalidTime => "time that cannot be a moment, set to zero",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_every_reason_and_is_absent_when_all_is_well() {
        let mut issues = Issues::default();
        assert_eq!(issues.message(), None);
        issues.reject_many(RejectReason::InvalidSpanId, 2);
        issues.warn(WarnReason::InvalidText);
        let mut sum = issues.clone();
        sum.absorb(&issues);
        assert_eq!(sum.rejected_count(), 4);
        assert_eq!(
            sum.message().unwrap(),
            "rejected 4: span whose span id is not 8 bytes, or all zero; \
             mended 2: text that is not valid Unicode, replaced by U+FFFD"
        );
    }
}
