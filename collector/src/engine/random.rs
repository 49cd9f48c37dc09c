//! Random batches, and queries over the same few words, so that many match.

use std::sync::Arc;

use proptest::prelude::*;
use spanwalk_model::{
    Attributes, Batch, Event, KeyValue, Link, LogRecord, Resource, ResourceItems, Scope,
    ScopeItems, Severity, Span, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Value,
};

/// 2026-01-31T00:00:00Z.
pub(super) const START: UnixNanos = 1_769_817_600_000_000_000;
const MINUTE: u64 = 60_000_000_000;

/// What a test does with a store.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Takes a batch in.
    Take(Batch),
    /// Stops, which writes what is in memory to parts, and opens the directory again.
    Restart,
}

/// Some batches, with flushes and restarts between.
pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => span_batch().prop_map(Step::Take),
        3 => log_batch().prop_map(Step::Take),
        3 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..7)
}

fn pick<T: Clone + std::fmt::Debug + 'static>(of: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(of)
}

/// Few ids, so that a trace comes in many batches.
fn trace_id() -> impl Strategy<Value = TraceId> {
    (1u128..7).prop_map(|number| TraceId::from_u128(number << 64 | number).unwrap())
}

fn span_id() -> impl Strategy<Value = SpanId> {
    (1u64..6).prop_map(|number| SpanId::from_u64(number).unwrap())
}

/// Over three hours and so over several windows; sometimes unknown.
fn moment() -> impl Strategy<Value = UnixNanos> {
    prop_oneof![
        12 => (0u64..180).prop_map(|minute| START + minute * MINUTE),
        1 => Just(0),
    ]
}

fn text() -> impl Strategy<Value = String> {
    pick(&["a", "time out", "Card declined", "5", "漢字x", ""]).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => text().prop_map(Value::from),
        2 => (0i64..8).prop_map(Value::Int),
        1 => Just(Value::Double(2.5)),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Empty),
        1 => Just(Value::Bytes(vec![1, 255])),
        // Longer than what an index looks up whole.
        1 => Just(Value::from("long ".repeat(60))),
    ];
    prop_oneof![
        5 => leaf.clone(),
        1 => prop::collection::vec(leaf.clone(), 0..3).prop_map(Value::Array),
        1 => (key(), leaf).prop_map(|(key, value)| {
            Value::Map(Attributes::from(vec![KeyValue { key, value }]))
        }),
    ]
}

fn key() -> impl Strategy<Value = String> {
    pick(&[
        "http.status_code",
        "http.response.status_code",
        "user id",
        "log.k",
        "k",
    ])
    .prop_map(str::to_owned)
}

fn attributes() -> impl Strategy<Value = Attributes> {
    prop::collection::vec((key(), value()), 0..3).prop_map(|entries| {
        entries
            .into_iter()
            .map(|(key, value)| KeyValue { key, value })
            .collect()
    })
}

fn name() -> impl Strategy<Value = String> {
    pick(&["GET /x", "a", "time out", ""]).prop_map(str::to_owned)
}

fn event() -> impl Strategy<Value = Event> {
    let name = pick(&["exception", "retry", ""]).prop_map(str::to_owned);
    (name, attributes(), moment()).prop_map(|(name, attributes, time_ns)| Event {
        time_ns,
        name,
        attributes,
        dropped_attributes_count: 0,
    })
}

fn link() -> impl Strategy<Value = Link> {
    (trace_id(), span_id(), attributes()).prop_map(|(trace_id, span_id, attributes)| Link {
        trace_id,
        span_id,
        trace_state: String::new(),
        flags: 0,
        attributes,
        dropped_attributes_count: 0,
    })
}

fn span() -> impl Strategy<Value = Span> {
    let identity = (trace_id(), span_id(), prop::option::of(span_id()), name());
    let course = (0i32..7, moment(), 0u64..4, 0i32..4, text());
    let parts = (
        attributes(),
        prop::collection::vec(event(), 0..2),
        prop::collection::vec(link(), 0..2),
    );
    (identity, course, parts).prop_map(|(identity, course, parts)| {
        let (trace_id, span_id, parent, name) = identity;
        let (kind, start_ns, took, status, message) = course;
        let mut span = Span::new(trace_id, span_id);
        span.parent_span_id = parent;
        span.name = name;
        span.kind = SpanKind::from_number(kind);
        span.start_ns = start_ns;
        span.end_ns = start_ns + took * 1_000_000;
        span.status.code = StatusCode::from_number(status);
        span.status.message = message;
        (span.attributes, span.events, span.links) = parts;
        span
    })
}

fn record() -> impl Strategy<Value = LogRecord> {
    let place = (
        prop::option::weighted(0.8, trace_id()),
        prop::option::weighted(0.8, span_id()),
        moment(),
        moment(),
    );
    let content = (
        0i32..26,
        text(),
        prop::option::of(value()),
        attributes(),
        name(),
    );
    (place, content).prop_map(|(place, content)| {
        let (trace_id, span_id, time_ns, observed_time_ns) = place;
        let (severity, severity_text, body, attributes, event_name) = content;
        LogRecord {
            time_ns,
            observed_time_ns,
            severity: Severity(severity),
            severity_text,
            body,
            event_name,
            attributes,
            trace_id,
            span_id,
            ..LogRecord::default()
        }
    })
}

fn groups<T: std::fmt::Debug>(
    item: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<ResourceItems<T>>> {
    let group = (
        pick(&["a", "b", "web shop", ""]),
        prop::collection::vec(item, 1..5),
    );
    prop::collection::vec(group, 1..3).prop_map(|groups| {
        groups
            .into_iter()
            .map(|(service, items)| ResourceItems {
                resource: Arc::new(resource(service)),
                scopes: vec![ScopeItems {
                    scope: Arc::new(scope(service)),
                    items,
                }],
            })
            .collect()
    })
}

fn resource(service: &str) -> Resource {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    resource
        .attributes
        .push("host.name", format!("{service}-1"));
    resource
}

fn scope(service: &str) -> Scope {
    let mut scope = Scope::default();
    scope.attributes.push("library", format!("{service}-lib"));
    scope
}

fn span_batch() -> impl Strategy<Value = Batch> {
    groups(span()).prop_map(Batch::Spans)
}

fn log_batch() -> impl Strategy<Value = Batch> {
    groups(record()).prop_map(Batch::Logs)
}

/// Terms that may match the items above.
const TERMS: &[&str] = &[
    "a",
    "x",
    "declined",
    "declin*",
    "\"card declined\"",
    "\"time out\"",
    "out",
    "字",
    "long",
    "retry",
    "service:a",
    "service:w*",
    "service:\"web shop\"",
    "service:unknown_service",
    "name:a",
    "name:\"GET /x\"",
    "name:*x",
    "name:\"\"",
    "kind:server",
    "kind:unspecified",
    "status:error",
    "status:ok",
    "status:unset",
    "duration:>0ms",
    "duration:1ms",
    "duration:<=1ms",
    "duration:1ms..2ms",
    "duration:<5ms",
    "level:error",
    "level:>=info",
    "level:<warn",
    "level:unspecified",
    "level:debug..warn",
    "trace:00000000000000030000000000000003",
    "trace:*1",
    "span:0000000000000002",
    "span:*3",
    "root.service:a",
    "root.name:a",
    "trace.duration:>1ms",
    "spans:>1",
    "spans:0",
    "errors:0",
    "errors:>=1",
    "http.status_code:5",
    "http.status_code:>=2",
    "http.response.status_code:1..6",
    "k:a",
    "k:5",
    "k:true",
    "k:null",
    "k:2.5",
    "k:>2",
    "k:*",
    "k:\"\"",
    "k:*im*",
    "k:0x01ff",
    "k:\"Card declined\"",
    "k:long*",
    "span.k:a",
    "log.k:a",
    "event.k:5",
    "link.k:5",
    "\"user id\":\"time out\"",
    "has:k",
    "has:log.k",
    "has:event.k",
    "has:\"user id\"",
    "host.name:a-1",
    "resource.service.name:b",
    "library:b*",
    "log.body:a",
    "log.body:*",
    "log.body:*out",
    "log.body:\"Card declined\"",
    "*",
];

/// The text of a query.
pub(super) fn query_text() -> impl Strategy<Value = String> {
    let term = pick(TERMS).prop_map(str::to_owned);
    term.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 2..3).prop_map(|parts| parts.join(" ")),
            1 => prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" OR "))),
            1 => inner.prop_map(|part| format!("-({part})")),
        ]
    })
}

/// Bounds of time to put behind a query; mostly none.
pub(super) fn bounds() -> impl Strategy<Value = String> {
    let second = || (0u64..200).prop_map(|minute| (START / 1_000_000_000) + minute * 60);
    prop_oneof![
        3 => Just(String::new()),
        1 => second().prop_map(|from| format!(" from:{from}")),
        1 => second().prop_map(|to| format!(" to:{to}")),
        1 => (second(), 1u64..7_200).prop_map(|(from, length)| format!(" from:{from} to:{}", from + length)),
    ]
}
