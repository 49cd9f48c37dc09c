//! One trace, as protobuf, as JSON and as a walk.

use axum::http::StatusCode;
use spanwalk_api::{CriticalPathResponse, DiffResponse, PatternsResponse, WalkResponse};
use spanwalk_model::batch::{item_count, scoped_items};
use spanwalk_model::otlp::{json, protobuf};
use spanwalk_model::{Event, TraceItems};

use super::test_support::{CHECKOUT, START, World, ask, checkout, log, scoped, span};

const PROTOBUF: [(&str, &str); 1] = [("accept", "application/x-protobuf")];

#[tokio::test]
async fn a_trace_is_given_as_protobuf_and_as_json() {
    let world = World::with_checkout().await;
    let (mut spans, mut logs) = checkout();
    spans.sort_by_key(|span| span.item.span_id);
    logs.sort_by_key(|log| log.item.span_id);
    let trace = format!("/api/v1/traces/{CHECKOUT}");
    let answer = ask(&world.router, &trace, &PROTOBUF).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/x-protobuf");
    let groups = protobuf::decode_traces(&answer.body).unwrap().groups;
    // One resource stands once, although a span of another service came between.
    assert_eq!(groups.len(), 2);
    let mut found: Vec<_> = scoped_items(groups).collect();
    found.sort_by_key(|span| span.item.span_id);
    assert_eq!(found, spans);
    let path = format!("{trace}/logs");
    let answer = ask(&world.router, &path, &PROTOBUF).await;
    let groups = protobuf::decode_logs(&answer.body).unwrap().groups;
    let mut found: Vec<_> = scoped_items(groups).collect();
    found.sort_by_key(|log| log.item.span_id);
    assert_eq!(found, logs);
    let answer = world.get(&trace).await;
    let _: serde_json::Value = answer.json();
    let spans_of_json = json::decode_traces(&answer.body).unwrap().groups;
    let logs_of_json = json::decode_logs(&answer.body).unwrap().groups;
    assert_eq!(
        (item_count(&spans_of_json), item_count(&logs_of_json)),
        (3, 2)
    );
    let answer = world.get(&path).await;
    let _: serde_json::Value = answer.json();
    assert_eq!(
        json::decode_logs(&answer.body).unwrap().groups,
        logs_of_json
    );
}

#[tokio::test]
async fn what_is_accepted_decides_the_form_of_a_trace() {
    let world = World::with_checkout().await;
    let trace = format!("/api/v1/traces/{}", CHECKOUT.to_uppercase());
    for (accept, form) in [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/x-protobuf;q=0", "application/json"),
        (
            "application/json, application/x-protobuf;q=0.9",
            "application/json",
        ),
        (
            "application/json;q=0.5, Application/X-Protobuf",
            "application/x-protobuf",
        ),
        (
            "application/x-protobuf, application/json",
            "application/x-protobuf",
        ),
    ] {
        let answer = ask(&world.router, &trace, &[("accept", accept)]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), form, "{accept}");
    }
}

#[tokio::test]
async fn a_trace_of_records_alone_is_a_trace_without_spans() {
    let world = World::new();
    world
        .put_logs(vec![scoped("cart", log(10, 1, START, 9, "alone"))])
        .await;
    let trace = format!("/api/v1/traces/{CHECKOUT}");
    let answer = ask(&world.router, &trace, &PROTOBUF).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
    let walk: WalkResponse = world.get(&format!("{trace}/walk")).await.json();
    assert_eq!(walk.events.len(), 1);
    assert_eq!(walk.events[0].text, "alone");
}

#[tokio::test]
async fn a_walk_tells_everything_in_order_and_why() {
    let world = World::new();
    let (mut spans, logs) = checkout();
    spans[1].item.events.push(Event {
        time_ns: 0,
        name: "exception".to_owned(),
        ..Event::default()
    });
    // A clock that runs behind: the call ends before it begins at the caller.
    spans[1].item.start_ns = START - 40;
    world.put_spans(spans).await;
    world.put_logs(logs).await;
    let path = format!("/api/v1/traces/{CHECKOUT}/walk");
    let walk: WalkResponse = world.get(&path).await.json();
    assert_eq!(
        (walk.trace_id.as_str(), walk.start_ns),
        (CHECKOUT, START - 40)
    );
    let kinds = |kind: &str| {
        walk.events
            .iter()
            .filter(|event| event.kind == kind)
            .count()
    };
    let counts = ["span_start", "span_end", "event", "log"].map(kinds);
    assert_eq!(counts, [3, 3, 1, 2]);
    assert!(walk.events.iter().all(|event| !event.why_here.is_empty()));
    let first = &walk.events[0];
    assert_eq!(
        (first.kind.as_str(), first.text.as_str()),
        ("span_start", "op 1")
    );
    assert_eq!(
        (first.offset_ns, first.time_ns, first.depth),
        (40, START, 0)
    );
    assert_eq!(first.duration_ns, Some(100));
    let called = walk
        .events
        .iter()
        .find(|event| event.span_id.as_deref() == Some("0000000000000002"))
        .unwrap();
    assert!(called.clock_contradiction);
    assert_eq!((called.offset_ns, called.depth), (0, 1));
    assert_eq!(called.why_here, "a parent starts before its child");
    let exception = walk
        .events
        .iter()
        .find(|event| event.kind == "event")
        .unwrap();
    assert_eq!((exception.time_ns, exception.offset_ns), (0, 0));
    assert_eq!(
        (exception.text.as_str(), exception.duration_ns),
        ("exception", None)
    );
    let origin = &walk.events[usize::try_from(walk.error_origin.unwrap()).unwrap()];
    assert_eq!(
        (origin.kind.as_str(), origin.level.as_str()),
        ("log", "error")
    );
    assert_eq!(
        (origin.text.as_str(), origin.service.as_str()),
        ("card declined", "orders")
    );
    assert!(origin.is_error);
    assert_eq!(walk.findings, Vec::<String>::new());
}

#[tokio::test]
async fn the_critical_path_is_whole_and_by_operation() {
    let world = World::with_checkout().await;
    let path = format!("/api/v1/traces/{CHECKOUT}/critical-path");
    let found: CriticalPathResponse = world.get(&path).await.json();
    let mut at_ns = found.start_ns;
    for section in &found.sections {
        assert_eq!(section.start_ns, at_ns, "{found:?}");
        at_ns = section.end_ns;
    }
    assert_eq!(at_ns - found.start_ns, found.duration_ns);
    let sum: u64 = found.operations.iter().map(|it| it.path_ns).sum();
    assert_eq!(sum, found.duration_ns);
    assert!(found.sections.len() > 1, "{found:?}");
    let missing = world.get("/api/v1/traces/00000000000000000000000000000001/critical-path");
    assert_eq!(missing.await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn patterns_of_a_trace_and_its_difference_from_itself_are_told() {
    let world = World::with_checkout().await;
    let trace = format!("/api/v1/traces/{CHECKOUT}");
    let found: PatternsResponse = world.get(&format!("{trace}/patterns")).await.json();
    assert_eq!(found.trace_id, CHECKOUT);
    assert!(found.duration_ns > 0);
    let found: DiffResponse = world
        .get(&format!("{trace}/diff?with={CHECKOUT}"))
        .await
        .json();
    assert_eq!(found.before_ns, found.after_ns);
    assert!(!found.places.is_empty());
    assert!(found.places.iter().all(|place| place.contribution_ns == 0));
    assert_eq!((found.divergence, found.attributes), (None, Vec::new()));
    for query in ["", "?with=", "?with=xy", "?against=1"] {
        let answer = world.get(&format!("{trace}/diff{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_walk_of_a_healthy_trace_has_no_origin_and_oddities_are_told() {
    let world = World::new();
    let orphan = span(10, 2, Some(99), START, START + 1);
    world.put_spans(vec![scoped("cart", orphan)]).await;
    let path = format!("/api/v1/traces/{CHECKOUT}/walk");
    let walk: WalkResponse = world.get(&path).await.json();
    assert_eq!(walk.error_origin, None);
    assert_eq!(walk.findings, ["1 span names a parent that is not stored"]);
}

#[tokio::test]
async fn the_walk_is_that_of_the_trace_as_it_is_given() {
    let world = World::new();
    let twins = |service: &'static str, id| scoped(service, log(10, id, START, 9, service));
    world
        .put_logs(vec![twins("b", 0), twins("a", 0), twins("b", 0)])
        .await;
    let trace = format!("/api/v1/traces/{CHECKOUT}");
    let answer = ask(&world.router, &format!("{trace}/logs"), &PROTOBUF).await;
    let items = TraceItems {
        logs: scoped_items(protobuf::decode_logs(&answer.body).unwrap().groups).collect(),
        ..TraceItems::default()
    };
    let walk: WalkResponse = world.get(&format!("{trace}/walk")).await.json();
    let given: Vec<_> = items.logs.iter().map(|log| log.item.body_text()).collect();
    let walked: Vec<_> = walk.events.into_iter().map(|event| event.text).collect();
    assert_eq!(walked, given);
}

#[tokio::test]
async fn a_trace_is_the_same_wherever_it_is_stored() {
    let world = World::new();
    let (mut spans, mut logs) = checkout();
    // Half of it goes to a part, and the older half comes later.
    let (late_span, late_log) = (spans.remove(0), logs.remove(1));
    world.put_spans(spans).await;
    world.put_logs(logs).await;
    let world = world.restarted();
    world.put_spans(vec![late_span]).await;
    world.put_logs(vec![late_log]).await;
    let ask_all = async |world: &World| {
        let trace = format!("/api/v1/traces/{CHECKOUT}");
        let whole = world.get(&trace).await;
        let _: serde_json::Value = whole.json();
        let walk: WalkResponse = world.get(&format!("{trace}/walk")).await.json();
        (whole.body, walk)
    };
    let before = ask_all(&world).await;
    let spans = json::decode_traces(&before.0).unwrap().groups;
    let starts: Vec<_> = scoped_items(spans)
        .map(|span| span.item.start_ns - START)
        .collect();
    assert_eq!(starts, [0, 92, 10]);
    assert_eq!(ask_all(&world.restarted()).await, before);
}
