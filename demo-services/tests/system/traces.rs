//! Traces are whole, cross the shop in the right order, and lead from a failed checkout to its cause.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::json;

use crate::receiver::{Receiver, Record, Seen, Span, number, text};
use crate::{OPENING_ONLY, runs, runtime, start};

/// The first visitors, and how the storefront answers them.
const OPENING: [(&str, i64); 5] = [
    ("GET /products", 200),
    ("POST /checkout", 201),
    ("POST /checkout", 502),
    ("GET /products/{sku}", 200),
    ("POST /checkout", 502),
];

/// Runs the system for its first visitors and gives everything it told until its end.
fn opening() -> Seen {
    let receiver = Receiver::start();
    let data_dir = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let system = runtime.block_on(start(&receiver, data_dir.path(), OPENING_ONLY));
    receiver.wait("the first visitors", |seen| {
        (roots(seen).len() == OPENING.len()).then_some(())
    });
    runtime.block_on(system.stop());
    let seen = receiver.seen();
    let pids: BTreeSet<_> = seen
        .records
        .iter()
        .filter_map(|it| number(&it.resource, "process.pid"))
        .collect();
    assert_eq!(pids.len(), 5, "one process a service");
    assert!(!pids.into_iter().any(runs), "a service still runs");
    seen
}

/// The spans that visitors began, in their order.
fn roots(seen: &Seen) -> Vec<&Span> {
    let spans = seen.spans.iter();
    let mut roots: Vec<_> = spans.filter(|it| it.parent.is_empty()).collect();
    roots.sort_by_key(|it| it.start_ns);
    roots
}

fn of_trace<'a>(seen: &'a Seen, trace: &[u8]) -> Vec<&'a Span> {
    seen.spans.iter().filter(|it| it.trace == trace).collect()
}

/// The one span of a service with this name in a trace.
fn span<'a>(spans: &[&'a Span], service: &str, name: &str) -> &'a Span {
    let found: Vec<_> = spans
        .iter()
        .filter(|it| it.service == service && it.name == name)
        .collect();
    assert_eq!(found.len(), 1, "{name} of {service}");
    found[0]
}

/// `service name` of a span and of all above it, up to the root.
fn way_up(spans: &[&Span], from: &Span) -> Vec<String> {
    let mut way = Vec::new();
    let mut next = Some(from);
    while let Some(span) = next {
        way.push(format!("{} {}", span.service, span.name));
        next = spans.iter().find(|it| it.id == span.parent).copied();
    }
    way
}

#[test]
fn the_first_seconds_show_everything() {
    let seen = opening();
    every_trace_is_whole(&seen);
    records_stand_in_spans_of_their_service(&seen);
    services_say_who_they_are(&seen);

    let roots = roots(&seen);
    let answers: Vec<_> = roots
        .iter()
        .map(|it| {
            let status = number(&it.attributes, "http.response.status_code");
            (it.name.as_str(), status.unwrap_or_default())
        })
        .collect();
    assert_eq!(answers, OPENING);
    assert!(roots.iter().all(|it| it.service == "gateway"));

    checkout_crosses_the_shop(&of_trace(&seen, &roots[1].trace));
    for (root, cause) in [
        (roots[2], "issuer Meridian is not connected"),
        (roots[4], "bank did not answer within 800 ms"),
    ] {
        let records: Vec<_> = seen
            .records
            .iter()
            .filter(|it| it.trace == root.trace)
            .collect();
        failure_leads_to_its_cause(&of_trace(&seen, &root.trace), &records, cause);
    }
}

fn every_trace_is_whole(seen: &Seen) {
    let mut traces: BTreeMap<&[u8], Vec<&Span>> = BTreeMap::new();
    for span in &seen.spans {
        traces.entry(&span.trace).or_default().push(span);
    }
    assert_eq!(traces.len(), OPENING.len());
    for spans in traces.values() {
        let roots = spans.iter().filter(|it| it.parent.is_empty()).count();
        assert_eq!(roots, 1);
        for span in spans.iter().filter(|it| !it.parent.is_empty()) {
            let parent = spans.iter().find(|it| it.id == span.parent);
            let parent = parent.unwrap_or_else(|| panic!("orphan: {span:#?}"));
            let is_server = span.kind == SpanKind::Server as i32;
            let crosses = parent.service != span.service;
            assert_eq!(is_server, crosses, "{} below {}", span.name, parent.name);
            if is_server {
                assert_eq!(parent.kind, SpanKind::Client as i32);
            }
            assert!(
                parent.start_ns <= span.start_ns,
                "{} begins early",
                span.name
            );
        }
    }
}

fn records_stand_in_spans_of_their_service(seen: &Seen) {
    let of_requests: Vec<_> = seen
        .records
        .iter()
        .filter(|it| !it.body.contains(" listens on ") && !it.body.contains(" ends: "))
        .collect();
    for record in &of_requests {
        let span = seen
            .spans
            .iter()
            .find(|it| it.id == record.span && it.trace == record.trace);
        let span = span.unwrap_or_else(|| panic!("stands nowhere: {record:#?}"));
        assert_eq!(span.service, record.service, "{}", record.body);
        assert!(span.start_ns <= record.time_ns && record.time_ns <= span.end_ns);
        assert!(number(&record.attributes, "code.line.number").is_some());
    }
    let services: BTreeSet<_> = of_requests.iter().map(|it| it.service.as_str()).collect();
    let all: BTreeSet<_> = spanwalk_demo::service_names().iter().copied().collect();
    assert_eq!(services, all, "each service tells something of requests");
}

fn services_say_who_they_are(seen: &Seen) {
    let instances: BTreeSet<_> = seen
        .spans
        .iter()
        .map(|it| text(&it.resource, "service.instance.id"))
        .collect();
    assert_eq!(instances.len(), 5);
    assert!(
        seen.spans
            .iter()
            .all(|it| !text(&it.resource, "service.version").is_empty())
    );
}

fn checkout_crosses_the_shop(spans: &[&Span]) {
    let up_from = |service, name| way_up(spans, span(spans, service, name));
    let order = [
        "orders place order",
        "orders POST /orders",
        "gateway POST",
        "gateway POST /checkout",
    ];
    let mut reserving = vec![
        "inventory UPDATE stock",
        "inventory POST /reservations",
        "orders POST",
    ];
    reserving.extend(order);
    assert_eq!(up_from("inventory", "UPDATE stock"), reserving);
    let mut charging = vec![
        "payments POST",
        "payments authorize card",
        "payments POST /charges",
        "orders POST",
    ];
    charging.extend(order);
    assert_eq!(up_from("payments", "POST"), charging);
    let reserved = span(spans, "inventory", "POST /reservations");
    let charged = span(spans, "payments", "POST /charges");
    assert!(
        reserved.end_ns <= charged.start_ns,
        "kept before it is paid"
    );
    assert!(!spans.iter().any(|it| it.is_error));
    assert!(!spans.iter().any(|it| it.name == "compensate"));
}

/// From the 502 of the gateway a person comes to the line in payments that failed, and sees that
/// what was reserved is given back.
fn failure_leads_to_its_cause(spans: &[&Span], records: &[&Record], cause: &str) {
    let errors: Vec<_> = records.iter().filter(|it| it.severity == "ERROR").collect();
    let mut told: Vec<_> = errors.iter().map(|it| it.service.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["gateway", "orders", "payments"]);
    let first = errors.iter().min_by_key(|it| it.time_ns).unwrap();
    assert_eq!(first.service, "payments");
    assert!(first.body.contains(cause), "{}", first.body);
    assert!(text(&first.attributes, "order.id").starts_with("ord-"));
    assert_eq!(
        text(&first.attributes, "code.file.path").rsplit('/').next(),
        Some("routes.rs")
    );
    let charge = span(spans, "payments", "POST /charges");
    assert_eq!(first.span, charge.id);
    assert!(charge.is_error);
    for other in errors.iter().filter(|it| it.service != "payments") {
        assert!(
            !other.body.contains(cause),
            "known too early: {}",
            other.body
        );
    }
    let compensate = span(spans, "orders", "compensate");
    assert!(charge.end_ns <= compensate.start_ns);
    let release = span(spans, "inventory", "DELETE /reservations/{id}");
    assert!(way_up(spans, release).contains(&"orders compensate".to_owned()));
}

#[test]
fn an_empty_shelf_is_a_refusal_and_no_error() {
    let receiver = Receiver::start();
    let data_dir = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let system = runtime.block_on(start(&receiver, data_dir.path(), 0.0));
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let order = json!({
        "customer": "c-1",
        "card": "tok_visa_4242",
        "items": [{ "sku": "CUP-STEEL", "quantity": 1 }, { "sku": "SHELL-3L", "quantity": 9 }],
    });
    let url = format!("{}/checkout", system.gateway_url());
    let buy = || {
        let request = client.post(&url).json(&order);
        runtime.block_on(async { request.send().await.unwrap().status().as_u16() })
    };
    assert_eq!(buy(), 201);
    assert_eq!(buy(), 409, "seven are left");
    let declined = json!({
        "customer": "c-2",
        "card": "tok_visa_0002",
        "items": [{ "sku": "SHELL-3L", "quantity": 7 }],
    });
    let request = client.post(&url).json(&declined);
    let status = runtime.block_on(async { request.send().await.unwrap().status() });
    assert_eq!(
        status, 402,
        "the seven are still there, the card is not good"
    );
    runtime.block_on(system.stop());
    let seen = receiver.seen();
    for body in ["out of stock: ", "card declined for "] {
        let told: Vec<_> = seen
            .records
            .iter()
            .filter(|it| it.body.starts_with(body))
            .collect();
        assert_eq!(told.len(), 1, "{body}");
        assert_eq!(told[0].severity, "WARN");
    }
    assert!(!seen.records.iter().any(|it| it.severity == "ERROR"));
    let roots = roots(&seen);
    assert_eq!(roots.len(), 3);
    assert!(!roots.iter().any(|it| it.is_error));
}
