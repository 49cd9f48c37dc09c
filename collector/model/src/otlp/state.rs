//! What a decoder carries along: issues found, memory left, and whether the item at hand is
//! still usable. Shared by the protobuf and the JSON side, so that both mend alike.

use crate::attributes::{Attributes, KeyValue};
use crate::batch::ResourceItems;
use crate::id::{SpanId, TraceId};
use crate::log::LogRecord;
use crate::span::{Link, Span};

use super::error::DecodeError;
use super::issues::{Decoded, Issues, RejectReason, WarnReason};
use super::limits::decoded_bytes_max;

/// The state of decoding one message.
#[derive(Debug)]
pub(crate) struct DecodeState {
    /// What was wrong so far.
    pub(crate) issues: Issues,
    /// Memory that may still be taken.
    left_bytes: usize,
    /// Memory that might be taken at first.
    limit_bytes: usize,
    /// Whether a value of the item at hand was left unread for its depth.
    too_deep: bool,
}

/// An identifier as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdField<T> {
    /// Not there, empty or all zero.
    Absent,
    /// Usable.
    Valid(T),
    /// Of a wrong length, or no hex.
    Invalid,
}

impl<T> IdField<T> {
    /// The identifier where it is usable.
    pub(crate) fn valid(self) -> Option<T> {
        match self {
            Self::Valid(id) => Some(id),
            Self::Absent | Self::Invalid => None,
        }
    }
}

impl IdField<TraceId> {
    /// The trace id of these bytes.
    pub(crate) fn of_trace(bytes: &[u8]) -> Self {
        match TraceId::from_slice(bytes) {
            Some(id) => Self::Valid(id),
            None if bytes.is_empty() || bytes.len() == TraceId::BYTES => Self::Absent,
            None => Self::Invalid,
        }
    }
}

impl IdField<SpanId> {
    /// The span id of these bytes.
    pub(crate) fn of_span(bytes: &[u8]) -> Self {
        match SpanId::from_slice(bytes) {
            Some(id) => Self::Valid(id),
            None if bytes.is_empty() || bytes.len() == SpanId::BYTES => Self::Absent,
            None => Self::Invalid,
        }
    }
}

impl DecodeState {
    /// The state before a message of so many bytes.
    pub(crate) fn new(message_bytes: usize) -> Self {
        let limit_bytes = decoded_bytes_max(message_bytes);
        Self {
            issues: Issues::default(),
            left_bytes: limit_bytes,
            limit_bytes,
            too_deep: false,
        }
    }

    /// Takes the memory of one `T`, before it is spent.
    pub(crate) fn charge<T>(&mut self) -> Result<(), DecodeError> {
        self.left_bytes =
            self.left_bytes
                .checked_sub(size_of::<T>())
                .ok_or(DecodeError::TooLarge {
                    limit_bytes: self.limit_bytes,
                })?;
        Ok(())
    }

    /// Notes that a value was left unread for its depth.
    pub(crate) fn note_too_deep(&mut self) {
        self.too_deep = true;
    }

    /// Whether a value was left unread since this was last asked.
    pub(crate) fn take_too_deep(&mut self) -> bool {
        std::mem::take(&mut self.too_deep)
    }

    /// Appends an attribute of a resource or scope. They stand for many items, so a value
    /// that is too deep costs the attribute and not the items.
    pub(crate) fn push_shared_attribute(
        &mut self,
        attribute: KeyValue,
        attributes: &mut Vec<KeyValue>,
        dropped_attributes_count: &mut u32,
    ) {
        if self.take_too_deep() {
            *dropped_attributes_count = dropped_attributes_count.saturating_add(1);
            self.issues.warn(WarnReason::DeepAttribute);
        } else {
            attributes.push(attribute);
        }
    }

    /// The span to fill and then to judge with [`DecodeState::finish_span`]. Its ids are
    /// placeholders until then.
    pub(crate) fn blank_span() -> Span {
        Span::new(TraceId::MAX, SpanId::MAX)
    }

    /// Gives the span its ids and attributes, or rejects it.
    pub(crate) fn finish_span(
        &mut self,
        mut span: Span,
        ids: SpanIds,
        attributes: Vec<KeyValue>,
    ) -> Result<Span, RejectReason> {
        if self.take_too_deep() {
            return Err(RejectReason::NestedTooDeep);
        }
        span.trace_id = ids.trace.valid().ok_or(RejectReason::InvalidTraceId)?;
        span.span_id = ids.span.valid().ok_or(RejectReason::InvalidSpanId)?;
        span.parent_span_id = ids.parent.valid();
        if ids.parent == IdField::Invalid {
            self.issues.warn(WarnReason::InvalidParentSpanId);
        }
        span.attributes = Attributes::from(attributes);
        Ok(span)
    }

    /// Keeps the link where its ids are usable.
    pub(crate) fn push_link(&mut self, parts: LinkParts, links: &mut Vec<Link>) {
        match (parts.trace.valid(), parts.span.valid()) {
            (Some(trace_id), Some(span_id)) => links.push(Link {
                trace_id,
                span_id,
                trace_state: parts.trace_state,
                flags: parts.flags,
                attributes: Attributes::from(parts.attributes),
                dropped_attributes_count: parts.dropped_attributes_count,
            }),
            _ => self.issues.warn(WarnReason::InvalidLink),
        }
    }

    /// Gives the record its ids and attributes, or rejects it. A record whose ids are
    /// invalid is kept without them.
    pub(crate) fn finish_log_record(
        &mut self,
        mut record: LogRecord,
        ids: LogIds,
        attributes: Vec<KeyValue>,
    ) -> Result<LogRecord, RejectReason> {
        if self.take_too_deep() {
            return Err(RejectReason::NestedTooDeep);
        }
        if ids.trace == IdField::Invalid || ids.span == IdField::Invalid {
            self.issues.warn(WarnReason::InvalidLogId);
        }
        record.trace_id = ids.trace.valid();
        record.span_id = ids.span.valid();
        record.attributes = Attributes::from(attributes);
        Ok(record)
    }

    /// The result, without groups that hold no item.
    pub(crate) fn finish<T>(self, groups: Vec<ResourceItems<T>>) -> Decoded<T> {
        Decoded {
            groups: without_empty(groups),
            issues: self.issues,
        }
    }
}

/// Leaves out resources without a scope; scopes without an item are never made.
pub(crate) fn without_empty<T>(mut groups: Vec<ResourceItems<T>>) -> Vec<ResourceItems<T>> {
    groups.retain(|group| !group.scopes.is_empty());
    groups
}

/// The ids of a log record as they came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogIds {
    /// Its trace.
    pub(crate) trace: IdField<TraceId>,
    /// Its span.
    pub(crate) span: IdField<SpanId>,
}

impl Default for LogIds {
    fn default() -> Self {
        Self {
            trace: IdField::Absent,
            span: IdField::Absent,
        }
    }
}

/// The ids of a span as they came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpanIds {
    /// Its trace.
    pub(crate) trace: IdField<TraceId>,
    /// Its own.
    pub(crate) span: IdField<SpanId>,
    /// Its parent's.
    pub(crate) parent: IdField<SpanId>,
}

impl Default for SpanIds {
    fn default() -> Self {
        Self {
            trace: IdField::Absent,
            span: IdField::Absent,
            parent: IdField::Absent,
        }
    }
}

/// A link as it came.
#[derive(Debug)]
pub(crate) struct LinkParts {
    /// The other span's trace.
    pub(crate) trace: IdField<TraceId>,
    /// The other span.
    pub(crate) span: IdField<SpanId>,
    /// W3C `tracestate`.
    pub(crate) trace_state: String,
    /// Flags.
    pub(crate) flags: u32,
    /// What describes the relation.
    pub(crate) attributes: Vec<KeyValue>,
    /// Attributes that the sender left out.
    pub(crate) dropped_attributes_count: u32,
}

impl Default for LinkParts {
    fn default() -> Self {
        Self {
            trace: IdField::Absent,
            span: IdField::Absent,
            trace_state: String::new(),
            flags: 0,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
        }
    }
}
