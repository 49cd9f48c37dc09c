//! A small shop that the tests ask about: a call over two services that fails, a message that
//! a third service takes, and what was logged.

use spanwalk_model::{
    Event, Link, LogRecord, Resource, Scope, Scoped, Span, SpanId, SpanKind, StatusCode, TraceId,
    Value,
};
use std::sync::Arc;

use super::super::test_support::{START, World, log, scoped, span};

pub(super) const MS: u64 = 1_000_000;

/// The shop: trace 10 fails, trace 11 is a message, trace 12 has log records alone.
pub(in super::super) async fn with_shop() -> World {
    let world = World::new();
    let mut spans = failing_call();
    spans.extend(message());
    world.put_spans(spans).await;
    world.put_logs(logs()).await;
    world
}

/// More traces of the gateway, later than the others.
pub(super) async fn put_more(world: &World) {
    let spans = (100..105_u32).map(|trace| {
        let start_ns = START + 10_000 * MS + u64::from(trace) * MS;
        scoped(
            "gateway",
            span(trace.into(), 1, None, start_ns, start_ns + 5),
        )
    });
    world.put_spans(spans.collect()).await;
}

fn of_instance<T>(service: &str, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    resource.attributes.push("service.instance.id", "a-1");
    resource.attributes.push("process.pid", 4_711_i64);
    let scope = Scope {
        name: "shop".to_owned(),
        version: "1.2".to_owned(),
        ..Scope::default()
    };
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(scope),
    }
}

fn failing_call() -> Vec<Scoped<Span>> {
    let mut root = span(10, 1, None, START, START + 100 * MS);
    "POST /checkout".clone_into(&mut root.name);
    root.kind = SpanKind::Server;
    root.attributes.push("http.request.method", "POST");
    root.attributes.push("http.response.status_code", 502_i64);
    root.attributes.push("cart.total", 12.5);
    root.attributes.push("cart.gift", true);
    root.attributes.push("cart.id", i64::MAX);
    root.attributes.push("cart.token", Value::Bytes(vec![1, 2]));
    root.attributes
        .push("cart.items", Value::Array(vec!["tea".into(), 3_i64.into()]));
    let mut call = span(10, 2, Some(1), START + 10 * MS, START + 90 * MS);
    "POST /charge".clone_into(&mut call.name);
    call.kind = SpanKind::Client;
    let mut failing = span(10, 3, Some(2), START + 20 * MS, START + 80 * MS);
    "POST /charge".clone_into(&mut failing.name);
    failing.kind = SpanKind::Server;
    failing.status.code = StatusCode::Error;
    "card declined".clone_into(&mut failing.status.message);
    let mut event = Event {
        time_ns: START + 70 * MS,
        name: "exception".to_owned(),
        ..Event::default()
    };
    event.attributes.push("exception.type", "CardDeclined");
    failing.events.push(event);
    let mut lost = span(10, 4, Some(99), START + 30 * MS, START + 31 * MS);
    "audit".clone_into(&mut lost.name);
    vec![
        of_instance("gateway", root),
        of_instance("gateway", call),
        of_instance("payment", failing),
        of_instance("payment", lost),
    ]
}

fn message() -> Vec<Scoped<Span>> {
    let start_ns = START + 1_000 * MS;
    let mut sent = span(11, 1, None, start_ns, start_ns + MS);
    "orders publish".clone_into(&mut sent.name);
    sent.kind = SpanKind::Producer;
    sent.attributes.push("weird \"key\"", "a \\ \"b\" (c) *");
    let mut taken = span(11, 2, Some(1), start_ns + 5 * MS, start_ns + 9 * MS);
    "orders process".clone_into(&mut taken.name);
    taken.kind = SpanKind::Consumer;
    taken.status.code = StatusCode::Ok;
    taken.links.push(Link {
        trace_id: TraceId::from_u128(10).unwrap(),
        span_id: SpanId::from_u64(1).unwrap(),
        trace_state: String::new(),
        flags: 0,
        attributes: spanwalk_model::Attributes::new(),
        dropped_attributes_count: 0,
    });
    vec![of_instance("gateway", sent), scoped("mail", taken)]
}

fn logs() -> Vec<Scoped<LogRecord>> {
    let mut declined = log(10, 3, START + 60 * MS, 17, "card declined by bank");
    declined.attributes.push("bank", "first");
    vec![
        of_instance("payment", declined),
        of_instance(
            "gateway",
            log(10, 77, START + 65 * MS, 13, "no span of mine"),
        ),
        of_instance("audit", log(12, 0, START + 2_000 * MS, 9, "nightly run")),
    ]
}
