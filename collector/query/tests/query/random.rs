//! Random queries and items over one small vocabulary, so that many match.

use proptest::prelude::*;
use spanwalk_model::{
    Attributes, Event, KeyValue, Link, LogRecord, Scoped, Severity, Span, SpanId, SpanKind,
    StatusCode, TraceId, TraceItems, Value,
};

use crate::world::scoped;

const SERVICES: [&str; 3] = ["a", "b", "web shop"];
const NAMES: [&str; 4] = ["GET /x", "a", "time out", ""];
const KEYS: [&str; 6] = [
    "http.status_code",
    "http.response.status_code",
    "user id",
    "log.k",
    "k",
    "service",
];
const TEXTS: [&str; 7] = ["a", "time out", "Card declined", "5", "漢字x", "a*b", ""];

/// Terms that may match the items below.
const TERMS: &[&str] = &[
    "a",
    "x",
    "declined",
    "declin*",
    "*t",
    "\"card declined\"",
    "\"time \"*",
    "out",
    "字",
    "qqq*",
    "service:a",
    "service:w*",
    "service:\"web shop\"",
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
    "trace:00000000000000000000000000000007",
    "trace:0*",
    "span:0000000000000002",
    "span:*3",
    "root.service:a",
    "root.name:a",
    "root.name:*",
    "trace.duration:>1ms",
    "spans:>1",
    "spans:0",
    "errors:0",
    "errors:>=1",
    "errors:1..2",
    "errors:<2",
    "http.status_code:5",
    "http.status_code:>=2",
    "http.response.status_code:1..6",
    "k:a",
    "k:5",
    "k:true",
    "k:null",
    "k:2.5",
    "k:>2",
    "k:<=3.5",
    "k:*",
    "k:\"\"",
    "k:*im*",
    "k:\"time out\"",
    "span.k:a",
    "resource.k:a",
    "log.k:a",
    "event.k:5",
    "link.k:5",
    "log.k:>1",
    "\"log.k\":a",
    "\"user id\":\"time out\"",
    "\"service\":a",
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
    "log.body:Card*",
    "log.body:\"Card declined\"",
];

/// Nanoseconds in steps that queries ask for.
const STEP: u64 = 1_000_000;

fn trace_id() -> TraceId {
    TraceId::from_u128(7).unwrap()
}

fn span_id() -> impl Strategy<Value = SpanId> {
    (1u64..6).prop_map(|number| SpanId::from_u64(number).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&TEXTS[..]).prop_map(str::to_owned),
        // Runs long enough to be cut into words at places that depend on where they begin.
        (60usize..140).prop_map(|count| "q".repeat(count)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        (0i64..8).prop_map(Value::Int),
        (0u8..8).prop_map(|half| Value::Double(f64::from(half) / 2.0)),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Empty),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            (key(), inner).prop_map(|(key, value)| {
                Value::Map(Attributes::from(vec![KeyValue { key, value }]))
            }),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(&KEYS[..]).prop_map(str::to_owned)
}

fn attributes() -> impl Strategy<Value = Attributes> {
    prop::collection::vec((key(), value()), 0..3).prop_map(|entries| {
        entries
            .into_iter()
            .map(|(key, value)| KeyValue { key, value })
            .collect()
    })
}

fn service() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&SERVICES[..])
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn event() -> impl Strategy<Value = Event> {
    (
        prop_oneof![name(), Just("exception".to_owned())],
        attributes(),
    )
        .prop_map(|(name, attributes)| Event {
            name,
            attributes,
            ..Event::default()
        })
}

fn link() -> impl Strategy<Value = Link> {
    (span_id(), attributes()).prop_map(|(span_id, attributes)| Link {
        trace_id: trace_id(),
        span_id,
        trace_state: String::new(),
        flags: 0,
        attributes,
        dropped_attributes_count: 0,
    })
}

fn span() -> impl Strategy<Value = Scoped<Span>> {
    let identity = (service(), span_id(), prop::option::of(span_id()), name());
    let course = (0i32..7, 0u64..4, 0u64..4, 0i32..4, text());
    let parts = (
        attributes(),
        prop::collection::vec(event(), 0..2),
        prop::collection::vec(link(), 0..2),
    );
    (identity, course, parts).prop_map(|((service, id, parent, name), course, parts)| {
        let mut span = Span::new(trace_id(), id);
        span.parent_span_id = parent;
        span.name = name;
        span.kind = SpanKind::from_number(course.0);
        span.start_ns = course.1 * STEP;
        span.end_ns = course.2 * STEP;
        span.status.code = StatusCode::from_number(course.3);
        span.status.message = course.4;
        (span.attributes, span.events, span.links) = parts;
        scoped(service, span)
    })
}

/// A log record of the trace.
pub(crate) fn record() -> impl Strategy<Value = Scoped<LogRecord>> {
    let identity = (service(), prop::option::of(span_id()), name());
    let content = (0i32..26, text(), prop::option::of(value()), attributes());
    (identity, content).prop_map(|((service, span_id, event_name), content)| {
        let (severity, severity_text, body, attributes) = content;
        scoped(
            service,
            LogRecord {
                severity: Severity(severity),
                severity_text,
                body,
                event_name,
                attributes,
                trace_id: Some(trace_id()),
                span_id,
                ..LogRecord::default()
            },
        )
    })
}

/// A small trace, also an empty one and one of records alone.
pub(crate) fn items() -> impl Strategy<Value = TraceItems> {
    let spans = prop::collection::vec(span(), 0..4);
    let logs = prop::collection::vec(record(), 0..4);
    (spans, logs).prop_map(|(spans, logs)| TraceItems { spans, logs })
}

/// A trace with more spans, for relations between them.
pub(crate) fn large_items() -> impl Strategy<Value = TraceItems> {
    let spans = prop::collection::vec(span(), 0..9);
    let logs = prop::collection::vec(record(), 0..6);
    (spans, logs).prop_map(|(spans, logs)| TraceItems { spans, logs })
}

/// One term that may match the items above.
fn term() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(TERMS).prop_map(str::to_owned),
        1 => (60usize..140).prop_map(|count| format!("log.body:*{}", "q".repeat(count))),
        1 => (60usize..140).prop_map(|count| "q".repeat(count)),
        1 => (60usize..140).prop_map(|count| format!("k:{}", "q".repeat(count))),
    ]
}

/// The text of a query that may match the items above.
pub(crate) fn query_text() -> impl Strategy<Value = String> {
    term().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| parts.join(" ")),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" OR "))),
            inner.prop_map(|part| format!("-({part})")),
        ]
    })
}

/// Texts made of the pieces of the language, right and wrong.
pub(crate) fn loose_text() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "(",
        ")",
        "-",
        "NOT ",
        "OR ",
        "AND ",
        " ",
        " ",
        "\"",
        "\\",
        "*",
        ":",
        ":>",
        ":<=",
        "..",
        "//",
        "::",
        "a",
        "é",
        "漢",
        "5",
        "5ms",
        "1.5",
        "-3",
        "service",
        "duration",
        "log.",
        "span.",
        "k",
        "level",
        "warn",
        "status",
        "error",
        "has",
        "http.status_code",
        "since",
        "to",
        "now",
        "now-5m",
        "2026-01-31",
        "kind",
        "server",
        "trace",
        "0f",
        "{",
        "\n",
        "1e300",
        "..9",
        "AND",
        "=",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..14).prop_map(|pieces| pieces.concat())
}
