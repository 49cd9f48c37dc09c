//! The traces and log records that the queries of the corpus are asked of.

use std::sync::Arc;

use spanwalk_model::{
    Attributes, Event, Link, LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, SpanKind,
    StatusCode, TraceId, TraceItems, Value,
};

/// Items by the labels that the corpus calls them.
pub(crate) struct World {
    pub(crate) traces: Vec<(&'static str, Labels, TraceItems)>,
    pub(crate) logs: Vec<(&'static str, Scoped<LogRecord>)>,
}

/// Labels of a trace's spans, in their order.
pub(crate) type Labels = Vec<&'static str>;

const MS: u64 = 1_000_000;
/// 2026-01-31T00:00:00Z.
pub(crate) const NOW: u64 = 1_769_817_600_000_000_000;

pub(crate) fn attributes(entries: &[(&str, Value)]) -> Attributes {
    let mut attributes = Attributes::new();
    for (key, value) in entries {
        attributes.push(*key, value.clone());
    }
    attributes
}

pub(crate) fn scoped<T>(service: &str, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    resource
        .attributes
        .push("host.name", format!("{service}-1"));
    let mut scope = Scope::default();
    scope.attributes.push("library", format!("{service}-lib"));
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(scope),
    }
}

fn trace_id(last: u8) -> TraceId {
    format!("4bf92f3577b34da6a3ce929d0e0e47{last:02x}")
        .parse()
        .unwrap()
}

fn span_id(last: u8) -> SpanId {
    format!("00f067aa0ba902{last:02x}").parse().unwrap()
}

fn span(
    trace: u8,
    own: u8,
    parent: Option<u8>,
    name: &str,
    kind: SpanKind,
    duration_ns: u64,
) -> Span {
    let mut span = Span::new(trace_id(trace), span_id(own));
    span.parent_span_id = parent.map(span_id);
    name.clone_into(&mut span.name);
    span.kind = kind;
    span.start_ns = NOW + u64::from(own) * MS;
    span.end_ns = span.start_ns + duration_ns;
    span
}

fn record(severity: i32, body: &str, trace: Option<u8>, own: Option<u8>) -> LogRecord {
    LogRecord {
        time_ns: NOW,
        severity: Severity(severity),
        body: Some(Value::from(body)),
        trace_id: trace.map(trace_id),
        span_id: own.map(span_id),
        ..LogRecord::default()
    }
}

fn gate() -> Scoped<Span> {
    let mut gate = span(1, 1, None, "POST /checkout", SpanKind::Server, 2_000 * MS);
    gate.attributes = attributes(&[
        ("http.request.method", Value::from("POST")),
        ("http.response.status_code", Value::Int(500)),
        ("url.full", Value::from("https://shop:8443/cart/7?a=b")),
        ("cached", Value::Bool(false)),
    ]);
    gate.status.code = StatusCode::Error;
    gate.status.message = "upstream failed".into();
    scoped("gateway", gate)
}

fn pay() -> Scoped<Span> {
    let mut pay = span(
        1,
        2,
        Some(1),
        "card.authorize",
        SpanKind::Client,
        1_500 * MS,
    );
    pay.attributes = attributes(&[
        ("http.status_code", Value::Int(504)),
        ("amount", Value::Double(12.5)),
        ("user id", Value::from("u 1")),
        ("rows", Value::from("40")),
    ]);
    pay.events.push(Event {
        name: "exception".into(),
        attributes: attributes(&[(
            "exception.message",
            Value::from("gateway timeout after 1500ms"),
        )]),
        ..Event::default()
    });
    scoped("payment", pay)
}

fn select() -> Scoped<Span> {
    let mut select = span(1, 3, Some(1), "SELECT orders", SpanKind::Client, 3 * MS);
    select.attributes = attributes(&[
        ("db.statement", Value::from("select * from orders")),
        (
            "tags",
            Value::Array(vec![Value::from("hot"), Value::Int(7)]),
        ),
        ("log.dir", Value::from("/tmp")),
        ("service", Value::from("an attribute")),
    ]);
    select.links.push(Link {
        trace_id: trace_id(2),
        span_id: span_id(9),
        trace_state: String::new(),
        flags: 0,
        attributes: attributes(&[("reason", Value::from("retry"))]),
        dropped_attributes_count: 0,
    });
    scoped("orders", select)
}

/// Trace `T` failed and has records, one of them in a span that is not stored; `U` is a health
/// check that went well; `L` has one record and no span.
pub(crate) fn world() -> World {
    let started = scoped("gateway", record(9, "checkout started", Some(1), Some(1)));
    let declined = scoped(
        "payment",
        record(17, "Card declined by bank", Some(1), Some(2)),
    );
    let mut queued_record = record(13, "retry queued", Some(1), Some(77));
    queued_record.attributes = attributes(&[
        ("log.file.path", Value::from("/var/log/app.log")),
        ("attempt", Value::from("3")),
    ]);
    let queued = scoped("worker", queued_record);
    let alone = scoped("cron", record(0, "nightly 漢字 run", Some(3), None));
    let mut loose_record = record(5, "", None, None);
    loose_record.body = Some(Value::Map(attributes(&[("job", Value::from("sweep"))])));
    loose_record.event_name = "job.done".into();
    let loose = scoped("cron", loose_record);

    let mut health = span(2, 9, None, "GET /health", SpanKind::Server, MS);
    health.status.code = StatusCode::Ok;
    let traces = vec![
        (
            "T",
            vec!["gate", "pay", "select"],
            TraceItems {
                spans: vec![gate(), pay(), select()],
                logs: vec![started.clone(), declined.clone(), queued.clone()],
            },
        ),
        (
            "U",
            vec!["health"],
            TraceItems {
                spans: vec![scoped("gateway", health)],
                logs: Vec::new(),
            },
        ),
        (
            "L",
            Vec::new(),
            TraceItems {
                spans: Vec::new(),
                logs: vec![alone.clone()],
            },
        ),
    ];
    let logs = vec![
        ("started", started),
        ("declined", declined),
        ("queued", queued),
        ("alone", alone),
        ("loose", loose),
    ];
    World { traces, logs }
}
