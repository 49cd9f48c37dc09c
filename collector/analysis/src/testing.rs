//! Traces built by hand and at random, for the tests of every room.

use std::sync::Arc;

use proptest::prelude::*;
use spanwalk_model::trace::Trace;
use spanwalk_model::{
    LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, SpanKind, StatusCode, TraceId,
    TraceItems,
};

/// The id of every trace built here.
pub(crate) fn trace_id() -> TraceId {
    TraceId::from_u128(7).unwrap()
}

/// A millisecond in nanoseconds.
pub(crate) const MS: u64 = 1_000_000;

/// One span, described in a line; times in nanoseconds.
#[derive(Debug, Clone)]
pub(crate) struct Built(pub(crate) Scoped<Span>);

/// A span of `service` with a name and an interval; the rest is chained behind.
pub(crate) fn span(service: &str, name: &str, id: u64, parent: u64, start: u64, end: u64) -> Built {
    let mut made = Span::new(trace_id(), SpanId::from_u64(id).unwrap());
    made.parent_span_id = SpanId::from_u64(parent);
    name.clone_into(&mut made.name);
    (made.start_ns, made.end_ns) = (start, end);
    Built(scoped(service, made))
}

impl Built {
    pub(crate) fn kind(mut self, kind: SpanKind) -> Self {
        self.0.item.kind = kind;
        self
    }

    pub(crate) fn client(self) -> Self {
        self.kind(SpanKind::Client)
    }

    pub(crate) fn server(self) -> Self {
        self.kind(SpanKind::Server)
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<spanwalk_model::Value>) -> Self {
        self.0.item.attributes.push(key, value);
        self
    }

    pub(crate) fn failed(mut self, message: &str) -> Self {
        self.0.item.status.code = StatusCode::Error;
        message.clone_into(&mut self.0.item.status.message);
        self
    }
}

/// An item of a service.
pub(crate) fn scoped<T>(service: &str, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(Scope::default()),
    }
}

/// A log record of a span.
pub(crate) fn log(
    service: &str,
    span: u64,
    at: u64,
    severity: i32,
    body: &str,
) -> Scoped<LogRecord> {
    scoped(
        service,
        LogRecord {
            trace_id: Some(trace_id()),
            span_id: SpanId::from_u64(span),
            time_ns: at,
            severity: Severity(severity),
            body: Some(body.into()),
            ..LogRecord::default()
        },
    )
}

/// The trace of these spans.
pub(crate) fn trace(spans: impl IntoIterator<Item = Built>) -> Trace {
    with_logs(spans, Vec::new())
}

/// The trace of these spans and records.
pub(crate) fn with_logs(
    spans: impl IntoIterator<Item = Built>,
    logs: Vec<Scoped<LogRecord>>,
) -> Trace {
    Trace::build(TraceItems {
        spans: spans.into_iter().map(|built| built.0).collect(),
        logs,
    })
}

/// The index of the span with an id.
pub(crate) fn at(trace: &Trace, id: u64) -> u32 {
    trace.index_of(SpanId::from_u64(id).unwrap()).unwrap()
}

/// Any spans: cycles, missing parents, ends before starts, all kinds, zero times.
pub(crate) fn arbitrary_spans() -> impl Strategy<Value = Vec<Built>> {
    let row = (0_u64..25, 0_u64..6000, 0_u64..6000, 0..6, 0_usize..4);
    prop::collection::vec(row, 0..25).prop_map(|rows| {
        (1_u64..)
            .zip(rows)
            .map(|(id, (parent, start, end, kind, service))| {
                let service = ["a", "b", "c", "d"][service];
                let name = ["x", "y"][usize::try_from(id % 2).unwrap()];
                span(service, name, id, parent, start, end).kind(SpanKind::from_number(kind))
            })
            .collect()
    })
}

/// Spans as a well-behaved program makes them: children in their parents, each waited for.
pub(crate) fn nested_spans() -> impl Strategy<Value = Vec<Built>> {
    // For each span: which earlier span it stands in, and which parts of it it takes.
    let row = (
        any::<prop::sample::Index>(),
        0_u64..1000,
        0_u64..1000,
        0_usize..3,
    );
    prop::collection::vec(row, 0..30).prop_map(|rows| {
        let mut intervals = vec![(1_000_000_u64, 2_000_000_000_u64)];
        let mut spans = vec![span("a", "root", 1, 0, 1_000_000, 2_000_000_000)];
        for (index, from, to, service) in rows {
            let place = index.index(intervals.len());
            let (start, end) = intervals[place];
            let at = |share: u64| start + (end - start) / 1000 * share;
            let own = (at(from.min(to)), at(from.max(to)));
            let id = intervals.len() as u64 + 1;
            intervals.push(own);
            let service = ["a", "b", "c"][service];
            let name = ["x", "y", "z"][usize::try_from(id % 3).unwrap()];
            spans.push(span(service, name, id, place as u64 + 1, own.0, own.1));
        }
        spans
    })
}
