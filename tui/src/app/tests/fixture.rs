//! A checkout that fails in a bank's pool of connections, and a collector that knows it.

use std::sync::Arc;

use spanwalk_api::{
    Completeness, LogEntry, LogsResponse, SearchResponse, ServiceCount, ServiceEntry,
    ServicesResponse, Status, Stored, TraceSummary,
};
use spanwalk_model::{
    Attributes, Event, LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, SpanKind,
    StatusCode, TraceId, TraceItems, Value,
};

use super::super::{Effect, Reply, RequestId};

/// 2023-11-14 22:13:20 UTC.
pub(super) const START_NS: u64 = 1_700_000_000_000_000_000;
pub(crate) const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
/// The trace of [`looping`]; the id of its items is that of the other one.
pub(crate) const LOOP: &str = "000000000000000000000000000000aa";
const MS: u64 = 1_000_000;

pub(super) fn trace_id() -> TraceId {
    TRACE.parse().unwrap()
}

pub(super) fn resource(service: &str) -> Arc<Resource> {
    let mut attributes = Attributes::new();
    attributes.push("service.name", service);
    attributes.push("service.version", "1.4.2");
    Arc::new(Resource {
        attributes,
        ..Resource::default()
    })
}

fn scope() -> Arc<Scope> {
    Arc::new(Scope {
        name: "shop".into(),
        version: "0.3".into(),
        ..Scope::default()
    })
}

/// A span with times in milliseconds since the start.
pub(super) fn span(
    id: u64,
    parent: u64,
    service: &str,
    name: &str,
    kind: SpanKind,
    (start_ms, end_ms): (u64, u64),
) -> Scoped<Span> {
    let mut span = Span::new(trace_id(), SpanId::from_u64(id).unwrap());
    span.parent_span_id = SpanId::from_u64(parent);
    span.name = name.into();
    span.kind = kind;
    span.start_ns = START_NS + start_ms * MS;
    span.end_ns = START_NS + end_ms * MS;
    Scoped {
        item: span,
        resource: resource(service),
        scope: scope(),
    }
}

pub(super) fn log(
    span: u64,
    service: &str,
    at_ms: u64,
    severity: i32,
    body: &str,
) -> Scoped<LogRecord> {
    let mut attributes = Attributes::new();
    attributes.push("thread.id", 7i64);
    Scoped {
        item: LogRecord {
            time_ns: START_NS + at_ms * MS,
            severity: Severity(severity),
            body: Some(Value::from(body)),
            attributes,
            trace_id: Some(trace_id()),
            span_id: SpanId::from_u64(span),
            ..LogRecord::default()
        },
        resource: resource(service),
        scope: scope(),
    }
}

fn failed(mut span: Scoped<Span>, message: &str) -> Scoped<Span> {
    span.item.status.code = StatusCode::Error;
    span.item.status.message = message.into();
    span
}

/// The failed checkout: ten spans of six services, six records.
pub(crate) fn checkout() -> TraceItems {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};
    let mut root = failed(
        span(1, 0, "gateway", "POST /checkout", Server, (0, 1920)),
        "502 from checkout",
    );
    root.item.attributes.push("http.request.method", "POST");
    root.item.attributes.push("http.route", "/checkout");
    root.item
        .attributes
        .push("http.response.status_code", 502i64);
    root.item.attributes.push(
        "user_agent.original",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    );
    let mut charge = failed(
        span(5, 2, "payment", "payment.charge", Internal, (110, 1_510)),
        "gateway timeout",
    );
    charge.item.events.push(timeout());
    let spans = vec![
        root,
        failed(
            span(2, 1, "checkout", "checkout.place", Server, (10, 1_910)),
            "",
        ),
        span(3, 2, "cart", "cart.get", Server, (30, 91)),
        span(4, 3, "cart", "SELECT cart_items", Client, (35, 80)),
        charge,
        failed(
            span(6, 5, "payment", "POST /authorize", Client, (118, 1_502)),
            "timeout",
        ),
        failed(
            span(7, 6, "bank-stub", "POST /authorize", Server, (120, 1_495)),
            "",
        ),
        span(8, 7, "bank-stub", "pool.acquire", Internal, (121, 912)),
        span(
            9,
            2,
            "checkout",
            "order.failed send",
            Producer,
            (1_530, 1_534),
        ),
        span(
            10,
            9,
            "email",
            "order.failed process",
            Consumer,
            (1_700, 1_890),
        ),
    ];
    TraceItems {
        spans,
        logs: checkout_logs(),
    }
}

/// An order that asks for each of its forty items, twice over, and fails in one of them; a
/// mail goes out a minute later.
fn looping() -> TraceItems {
    use SpanKind::{Client, Consumer, Internal, Server};
    let mut spans = vec![
        span(1, 0, "gateway", "GET /orders/{id}", Server, (0, 900)),
        span(2, 1, "orders", "load order", Internal, (5, 890)),
    ];
    for number in 0..40 {
        let start = 10 + number * 10;
        let times = (start, start + 4 + number % 5);
        let select = span(100 + number, 2, "orders", "SELECT item", Client, times);
        spans.push(if number == 30 {
            failed(select, "connection reset")
        } else {
            select
        });
    }
    for number in 0..12 {
        let start = 430 + number * 30;
        let times = (start, start + 20);
        let id = 200 + number * 2;
        spans.push(span(id, 2, "orders", "GET /stock/{id}", Client, times));
        let times = (start + 2, start + 18);
        spans.push(span(id + 1, id, "stock", "GET /stock/{id}", Server, times));
    }
    let times = (60_000, 60_040);
    spans.push(span(300, 1, "email", "order.seen process", Consumer, times));
    TraceItems {
        spans,
        logs: vec![log(300, "email", 60_020, 9, "mail queued")],
    }
}

fn timeout() -> Event {
    let mut exception = Event {
        time_ns: START_NS + 1_503 * MS,
        name: "exception".into(),
        ..Event::default()
    };
    exception
        .attributes
        .push("exception.type", "GatewayTimeout");
    exception
        .attributes
        .push("exception.message", "no answer from the bank in 1500 ms");
    exception.attributes.push(
        "exception.stacktrace",
        "at payment::charge (src/charge.rs:88)\nat payment::main (src/main.rs:12)",
    );
    exception
}

fn checkout_logs() -> Vec<Scoped<LogRecord>> {
    vec![
        log(2, "checkout", 21, 9, "reserving 3 items"),
        log(5, "payment", 115, 5, "token ok"),
        log(7, "bank-stub", 912, 17, "upstream pool exhausted (8/8)"),
        log(7, "bank-stub", 1_490, 13, "giving up after 1500ms"),
        log(5, "payment", 1_503, 17, "gateway timeout"),
        log(10, "email", 1_750, 9, "mail queued for ada@example.org"),
    ]
}

fn summary(number: u64, root: &str, duration_ms: u64, errors: u64) -> TraceSummary {
    let services = [
        "gateway",
        "checkout",
        "cart",
        "payment",
        "bank-stub",
        "email",
    ];
    let used = if errors > 0 { 6 } else { 3 };
    TraceSummary {
        trace_id: if number == 0 {
            TRACE.to_owned()
        } else {
            format!("{number:032x}")
        },
        root_service: "gateway".to_owned(),
        root_name: root.to_owned(),
        has_root: true,
        start_ns: START_NS - number * 1_700 * MS,
        duration_ns: duration_ms * MS,
        span_count: 10 + number * 7,
        error_span_count: errors,
        log_count: 6 + number * 40,
        error_log_count: 0,
        services: services
            .iter()
            .take(used)
            .map(|name| ServiceCount {
                name: (*name).to_owned(),
                span_count: 2,
                error_span_count: u64::from(errors > 0 && *name == "bank-stub"),
            })
            .collect(),
        first_error: if errors > 0 {
            "upstream pool exhausted (8/8)".to_owned()
        } else {
            String::new()
        },
        matched_spans: Vec::new(),
    }
}

pub(super) fn found(query: &str) -> SearchResponse {
    let mut traces = vec![
        summary(0, "POST /checkout", 1_920, 5),
        summary(1, "POST /cart", 61, 0),
        summary(2, "GET /catalogue/{id}", 8, 0),
        summary(3, "POST /checkout", 420, 0),
        summary(4, "POST /checkout", 1_880, 4),
    ];
    if query.contains("status:error") {
        traces.retain(|trace| trace.error_span_count > 0);
    }
    if query.contains("nothing") {
        traces.clear();
    }
    SearchResponse {
        completeness: Completeness {
            matched: traces.len() as u64,
            returned: traces.len() as u64,
            ..Completeness::default()
        },
        traces,
        ..SearchResponse::default()
    }
}

fn logs() -> LogsResponse {
    let entry = |at_ms: u64, level: &str, service: &str, body: &str| LogEntry {
        time_ns: START_NS + at_ms * MS,
        level: level.to_owned(),
        service: service.to_owned(),
        body: body.to_owned(),
        trace_id: Some(TRACE.to_owned()),
        span_id: Some("0000000000000007".to_owned()),
        attributes: serde_json::json!([
            {"key": "pool.size", "value": {"intValue": "8"}},
            {"key": "host.name", "value": {"stringValue": "b2"}},
        ]),
        ..LogEntry::default()
    };
    let logs = vec![
        entry(1_503, "error", "payment", "gateway timeout"),
        entry(912, "error", "bank-stub", "upstream pool exhausted (8/8)"),
        entry(115, "debug", "payment", "token ok"),
        entry(21, "info", "checkout", "reserving 3 items"),
    ];
    LogsResponse {
        completeness: Completeness {
            matched: 4,
            returned: 4,
            ..Completeness::default()
        },
        logs,
        ..LogsResponse::default()
    }
}

fn services() -> ServicesResponse {
    let entry = |name: &str, spans: u64, errors: u64| ServiceEntry {
        name: name.to_owned(),
        span_count: spans,
        error_span_count: errors,
        log_count: spans / 3,
        last_seen_ns: START_NS,
    };
    ServicesResponse {
        services: vec![
            entry("bank-stub", 12_400, 77),
            entry("cart", 81_200, 0),
            entry("checkout", 40_310, 12),
            entry("gateway", 240_100, 90),
        ],
        completeness: Completeness::default(),
    }
}

pub(super) fn status(spans: u64) -> Status {
    Status {
        stored: Stored {
            spans,
            log_records: 1_200,
            traces: 8_214,
            services: 6,
            bytes: 1 << 20,
        },
        ..Status::default()
    }
}

/// What the fake collector answers.
pub(super) fn answer(effect: &Effect) -> Option<(RequestId, Reply)> {
    Some(match effect {
        Effect::Search { request, params } => (*request, Reply::Search(Box::new(found(&params.q)))),
        Effect::Logs { request, .. } => (*request, Reply::Logs(Box::new(logs()))),
        Effect::Trace { request, id } if id.to_hex() == LOOP => {
            (*request, super::trace_reply(looping()))
        }
        Effect::Trace { request, .. } => (*request, super::trace_reply(checkout())),
        Effect::Services { request } => (*request, Reply::Services(Box::new(services()))),
        Effect::Status { request } => (*request, Reply::Status(Box::new(status(374_010)))),
        _ => return None,
    })
}
