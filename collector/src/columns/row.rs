//! What a row can be: a span or a log record.

use spanwalk_model::{LogRecord, Scoped, Span, SpanId, TraceId, UnixNanos};

/// What a file of columns can hold. Implemented for [`Span`] and [`LogRecord`] alone.
pub trait Row: Sized + Send + Sync + 'static {
    /// The trace the row belongs to, where known.
    fn trace(&self) -> Option<TraceId>;
    /// The moment that orders rows within a trace and places them in time.
    fn row_moment_ns(&self) -> UnixNanos;
    /// The span id that orders rows of one moment.
    fn row_span(&self) -> Option<SpanId>;
}

impl Row for Span {
    fn trace(&self) -> Option<TraceId> {
        Some(self.trace_id)
    }

    fn row_moment_ns(&self) -> UnixNanos {
        self.start_ns
    }

    fn row_span(&self) -> Option<SpanId> {
        Some(self.span_id)
    }
}

impl Row for LogRecord {
    fn trace(&self) -> Option<TraceId> {
        self.trace_id
    }

    fn row_moment_ns(&self) -> UnixNanos {
        self.moment_ns()
    }

    fn row_span(&self) -> Option<SpanId> {
        self.span_id
    }
}

/// Puts rows into the order of a file: by trace (rows without one last), moment, span. Rows
/// equal in these keep their order. Row `n` of the file is row `n` of the sorted slice.
pub fn sort_rows<T: Row>(rows: &mut [Scoped<T>]) {
    rows.sort_by_cached_key(|row| sort_key(&row.item));
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
