//! What a row can be: a span or a log record.

use std::borrow::Borrow;

use spanwalk_model::{
    Attributes, LogRecord, Scoped, SeverityLevel, Span, SpanId, TraceId, UnixNanos, Value,
};

use super::group::Codec;

/// What a file of columns can hold: [`Span`] or [`LogRecord`].
#[expect(
    private_bounds,
    reason = "sealed: how rows become bytes is this room's own"
)]
pub trait Row: Codec + Clone + Send + Sync + 'static {
    /// Says in a file which kind of rows it holds.
    const KIND: u32;
    /// The trace the row belongs to, where known.
    fn trace(&self) -> Option<TraceId>;
    /// The moment that orders rows within a trace and places them in time.
    fn row_moment_ns(&self) -> UnixNanos;
    /// The span id that orders rows of one moment.
    fn row_span(&self) -> Option<SpanId>;
    /// Whether it counts as an error of its service.
    fn is_error_row(&self) -> bool;
    /// About how many bytes its texts and values are.
    fn value_bytes(&self) -> usize;
}

impl Row for Span {
    const KIND: u32 = 1;

    fn trace(&self) -> Option<TraceId> {
        Some(self.trace_id)
    }

    fn row_moment_ns(&self) -> UnixNanos {
        self.start_ns
    }

    fn row_span(&self) -> Option<SpanId> {
        Some(self.span_id)
    }

    fn is_error_row(&self) -> bool {
        self.is_error()
    }

    fn value_bytes(&self) -> usize {
        let events: usize = self
            .events
            .iter()
            .map(|event| event.name.len() + attributes_bytes(&event.attributes))
            .sum();
        let links: usize = self
            .links
            .iter()
            .map(|link| {
                TraceId::BYTES + link.trace_state.len() + attributes_bytes(&link.attributes)
            })
            .sum();
        let texts = self.name.len() + self.trace_state.len() + self.status.message.len();
        texts + attributes_bytes(&self.attributes) + events + links
    }
}

impl Row for LogRecord {
    const KIND: u32 = 2;

    fn trace(&self) -> Option<TraceId> {
        self.trace_id
    }

    fn row_moment_ns(&self) -> UnixNanos {
        self.moment_ns()
    }

    fn row_span(&self) -> Option<SpanId> {
        self.span_id
    }

    fn is_error_row(&self) -> bool {
        self.level() >= SeverityLevel::Error
    }

    fn value_bytes(&self) -> usize {
        let body = self.body.as_ref().map_or(0, value_bytes);
        body + self.severity_text.len() + self.event_name.len() + attributes_bytes(&self.attributes)
    }
}

fn attributes_bytes(attributes: &Attributes) -> usize {
    attributes
        .iter()
        .map(|entry| entry.key.len() + value_bytes(&entry.value))
        .sum()
}

fn value_bytes(value: &Value) -> usize {
    // Every value counts for something, so that many small ones count too.
    const AT_LEAST: usize = 8;
    AT_LEAST
        + match value {
            Value::String(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Array(values) => values.iter().map(value_bytes).sum(),
            Value::Map(entries) => attributes_bytes(entries),
            Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
        }
}

/// Puts rows into the order of a file: by trace (rows without one last), moment, span. Rows
/// equal in these keep their order. Row `n` of the file is row `n` of the sorted slice.
pub fn sort_rows<T: Row, R: Borrow<Scoped<T>>>(rows: &mut [R]) {
    rows.sort_by_cached_key(|row| sort_key(&row.borrow().item));
}

/// The key that rows are sorted by.
pub(super) fn sort_key<T: Row>(item: &T) -> (bool, Option<TraceId>, UnixNanos, Option<SpanId>) {
    let trace = item.trace();
    (
        trace.is_none(),
        trace,
        item.row_moment_ns(),
        item.row_span(),
    )
}
