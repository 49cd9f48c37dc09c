//! Lists and reports, asked for what is there.

use axum::http::StatusCode;
use spanwalk_api::{
    Completeness, CutReason, LogsParams, LogsResponse, SearchParams, SearchResponse,
    ServicesResponse, Status,
};

use super::test_support::{CHECKOUT, START, World, ask_by, log, scoped, span};

#[tokio::test]
async fn a_search_gives_traces_in_rows() {
    let world = World::with_checkout().await;
    let path = "/api/v1/traces?q=service%3Aorders+status%3Aerror";
    let found: SearchResponse = world.get(path).await.json();
    assert_eq!(found.traces.len(), 1);
    let trace = &found.traces[0];
    assert_eq!(trace.trace_id, CHECKOUT);
    assert_eq!(
        (trace.root_service.as_str(), trace.root_name.as_str()),
        ("gateway", "op 1")
    );
    assert!(trace.has_root);
    assert_eq!((trace.start_ns, trace.duration_ns), (START, 100));
    assert_eq!((trace.span_count, trace.error_span_count), (3, 1));
    assert_eq!((trace.log_count, trace.error_log_count), (2, 1));
    let services: Vec<_> = trace
        .services
        .iter()
        .map(|service| (service.name.as_str(), service.span_count))
        .collect();
    assert_eq!(services, [("gateway", 2), ("orders", 1)]);
    assert_eq!(trace.services[1].error_span_count, 1);
    assert_eq!(trace.first_error, "card declined");
    assert_eq!(trace.matched_spans, ["0000000000000002"]);
    assert_eq!((found.next_cursor, found.notes), (None, Vec::new()));
    let complete = Completeness {
        matched: 1,
        estimate: false,
        scanned: 1,
        returned: 1,
        cut: None,
        newest_ns: START + 92,
    };
    assert_eq!(found.completeness, complete);
}

#[tokio::test]
async fn pages_follow_each_other_and_say_what_they_leave_out() {
    let world = World::new();
    let spans = (1..=5_u32).map(|trace| {
        let start_ns = START + 10 * u64::from(trace);
        span(trace.into(), 1, None, start_ns, START + 99)
    });
    let spans = spans.map(|span| scoped("cart", span)).collect();
    world.put_spans(spans).await;
    let mut path = "/api/v1/traces?limit=2&q=service:cart".to_owned();
    let mut starts = Vec::new();
    let mut cuts = Vec::new();
    loop {
        let page: SearchResponse = world.get(&path).await.json();
        assert_eq!(page.completeness.returned, page.traces.len() as u64);
        starts.extend(page.traces.iter().map(|trace| trace.start_ns - START));
        cuts.push((page.completeness.cut, page.completeness.estimate));
        match page.next_cursor {
            Some(next) => path = format!("/api/v1/traces?limit=2&q=service:cart&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(starts, [50, 40, 30, 20, 10]);
    let limit = Some(CutReason::Limit);
    assert_eq!(cuts, [(limit, true), (limit, true), (None, true)]);
}

#[tokio::test]
async fn a_range_in_the_request_narrows_that_of_the_query() {
    let world = World::new();
    let spans = (1..=4_u32).map(|trace| {
        let start_ns = START + u64::from(trace);
        span(trace.into(), 1, None, start_ns, START + 9)
    });
    let spans = spans.map(|span| scoped("cart", span)).collect();
    world.put_spans(spans).await;
    let starts = async |path: String| {
        let page: SearchResponse = world.get(&path).await.json();
        let starts = page.traces.iter().map(|trace| trace.start_ns - START);
        (starts.collect::<Vec<_>>(), page.notes.len())
    };
    let (from, to) = (START + 2, START + 4);
    let path = format!("/api/v1/traces?from_ns={from}&to_ns={to}");
    assert_eq!(starts(path).await, (vec![3, 2], 0));
    let path = format!("/api/v1/traces?from_ns={from}&q=to:{}", START + 3);
    assert_eq!(starts(path).await, (vec![2], 0));
    let path = format!("/api/v1/traces?from_ns={from}&q=to:{START}");
    assert_eq!(starts(path).await, (vec![], 1));
}

#[tokio::test]
async fn lists_understand_every_field_of_their_wire_types() {
    let world = World::with_checkout().await;
    let search: SearchResponse = world.get("/api/v1/traces?limit=1").await.json();
    let params = SearchParams {
        q: "service:gateway \"card declined\" OR status:error".to_owned(),
        from_ns: Some(1),
        to_ns: Some(u64::MAX),
        limit: Some(1_000),
        cursor: search
            .next_cursor
            .or(Some(format!("{}-{CHECKOUT}", u64::MAX))),
    };
    let found: SearchResponse = world.get(&url("traces", &params)).await.json();
    assert_eq!(found.traces.len(), 1);
    let params = LogsParams {
        q: String::new(),
        from_ns: Some(1),
        to_ns: Some(u64::MAX),
        limit: Some(10_000),
        cursor: Some(format!("{}-0-0", u64::MAX)),
    };
    let found: LogsResponse = world.get(&url("logs", &params)).await.json();
    assert_eq!(found.logs.len(), 2);
}

/// The URL as the client makes it.
pub(super) fn url(path: &str, params: &impl serde::Serialize) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .get(format!("http://127.0.0.1:4320/api/v1/{path}"))
        .query(params)
        .build()
        .unwrap();
    request.url().to_string()
}

#[tokio::test]
async fn remarks_on_the_query_come_with_the_answer() {
    let world = World::with_checkout().await;
    let path = "/api/v1/traces?q=http.status_code:500";
    let found: SearchResponse = world.get(path).await.json();
    assert_eq!(found.notes.len(), 1);
    assert!(found.notes[0].contains("http.response.status_code"));
}

#[tokio::test]
async fn log_records_are_listed_newest_first() {
    let world = World::with_checkout().await;
    world
        .put_logs(vec![scoped("mail", log(0, 0, START + 70, 0, "unrelated"))])
        .await;
    let found: LogsResponse = world.get("/api/v1/logs?limit=2").await.json();
    let bodies: Vec<_> = found.logs.iter().map(|log| log.body.as_str()).collect();
    assert_eq!(bodies, ["unrelated", "card declined"]);
    assert_eq!(
        (&found.logs[0].trace_id, &found.logs[0].span_id),
        (&None, &None)
    );
    let log = &found.logs[1];
    assert_eq!((log.time_ns, log.level.as_str()), (START + 50, "error"));
    assert_eq!(log.service, "orders");
    assert_eq!(log.trace_id.as_deref(), Some(CHECKOUT));
    assert_eq!(log.span_id.as_deref(), Some("0000000000000002"));
    assert_eq!(log.attributes, serde_json::json!([]));
    assert_eq!(found.completeness.cut, Some(CutReason::Limit));
    assert_eq!(
        (found.completeness.matched, found.completeness.estimate),
        (3, false)
    );
    let path = format!("/api/v1/logs?cursor={}", found.next_cursor.unwrap());
    let rest: LogsResponse = world.get(&path).await.json();
    assert_eq!(rest.logs.len(), 1);
    assert_eq!((rest.next_cursor, rest.completeness.cut), (None, None));
}

#[tokio::test]
async fn services_are_listed_by_name() {
    let world = World::with_checkout().await;
    let found: ServicesResponse = world.get("/api/v1/services").await.json();
    let names: Vec<_> = found
        .services
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(names, ["gateway", "orders"]);
    let orders = &found.services[1];
    assert_eq!((orders.span_count, orders.error_span_count), (1, 1));
    assert_eq!((orders.log_count, orders.last_seen_ns), (1, START + 50));
    let complete = &found.completeness;
    assert_eq!((complete.matched, complete.returned), (2, 2));
    assert_eq!((complete.cut, complete.estimate), (None, false));
    assert_eq!(complete.newest_ns, START + 92);
}

#[tokio::test]
async fn the_status_says_what_is_stored_and_what_was_counted() {
    let world = World::with_checkout().await;
    let status: Status = world.get("/api/v1/status").await.json();
    let stored = &status.stored;
    assert_eq!((stored.spans, stored.log_records), (3, 2));
    assert_eq!((stored.traces, stored.services), (1, 2));
    assert!(stored.bytes > 0);
    assert_eq!(status.received, [("spans".to_owned(), 7)].into());
    assert_eq!(status.warnings, ["a listener could not be bound"]);
    assert_eq!(status.data_dir, "/data/spanwalk");
    assert_eq!((status.started_ns, status.pid), (42, std::process::id()));
    assert_eq!(status.listeners[0].address, "127.0.0.1:4320");
    assert!(!status.version.is_empty());
}

#[tokio::test]
async fn health_is_answered_also_without_a_body() {
    let world = World::new();
    let health: serde_json::Value = world.get("/api/v1/health").await.json();
    assert_eq!(health, serde_json::json!({ "status": "ok" }));
    let answer = ask_by(&world.router, "HEAD", "/api/v1/health", &[]).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
}
