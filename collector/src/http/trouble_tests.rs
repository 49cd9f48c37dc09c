//! What is refused and what fails: always a problem document that says what, where, and what
//! is allowed; and the server answers on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use spanwalk_api::{CutReason, SearchResponse, Status};
use spanwalk_model::{LogRecord, Scoped, TimeRange, TraceId, TraceItems};
use spanwalk_query::Condition;

use tokio::sync::{RwLock, mpsc};

use super::test_support::{CHECKOUT, Told, World, ask, ask_by};
use super::{QUERIES_AT_ONCE, router_with};
use crate::store::{LogRef, ServiceSummary, Snapshot, StoreError, StoredTotals, TraceCandidate};

/// A snapshot whose files cannot be read, but for the list of candidates where it has one.
#[derive(Default)]
struct Unreadable(Option<Vec<TraceCandidate>>);

fn unreadable<T>() -> Result<T, StoreError> {
    Err(StoreError::NoSuchLog { piece: 3, row: 77 })
}

impl Snapshot for Unreadable {
    fn newest_ns(&self) -> u64 {
        9
    }

    fn candidate_traces(
        &self,
        _: &Condition,
        _: TimeRange,
    ) -> Result<Vec<TraceCandidate>, StoreError> {
        self.0.clone().map_or_else(unreadable, Ok)
    }

    fn candidate_logs(&self, _: &Condition, _: TimeRange) -> Result<Vec<LogRef>, StoreError> {
        unreadable()
    }

    fn read_logs(&self, _: &[LogRef]) -> Result<Vec<Scoped<LogRecord>>, StoreError> {
        unreadable()
    }

    fn trace(&self, _: TraceId) -> Result<TraceItems, StoreError> {
        unreadable()
    }

    fn services(&self) -> Vec<ServiceSummary> {
        Vec::new()
    }

    fn stored(&self) -> StoredTotals {
        StoredTotals::default()
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_query_string_is_told_with_what_is_allowed() {
    let world = World::new();
    let big = "18446744073709551616";
    for (parameters, told) in [
        ("limt=5", &["`limt`", "limit"][..]),
        ("limit=0", &["`limit`", "`0`", "1 to 1000"]),
        ("limit=1001", &["`1001`", "1 to 1000"]),
        ("limit=", &["``", "1 to 1000"]),
        ("limit=-1", &["`-1`"]),
        ("limit=%2B1", &["`+1`"]),
        ("limit=1&limit=2", &["`limit`", "twice"]),
        (&format!("from_ns={big}"), &["`from_ns`", big]),
        ("to_ns=now", &["`to_ns`", "`now`", "nanoseconds"]),
        ("from_ns=5&to_ns=5", &["from_ns is 5", "to_ns is 5"]),
        ("to_ns=0", &["from_ns", "to_ns"]),
        ("cursor=", &["``", "leave it out"]),
        ("cursor=1-2-3", &["`1-2-3`", "leave it out"]),
        ("q=%FF", &["`q`", "UTF-8"]),
    ] {
        let answer = world.get(&format!("/api/v1/traces?{parameters}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{parameters}");
        let problem = answer.problem();
        assert_eq!(problem.kind, "spanwalk:bad-parameter");
        for part in told {
            assert!(problem.detail.contains(part), "{}", problem.detail);
        }
    }
}

#[tokio::test]
async fn log_lists_have_limits_and_cursors_of_their_own() {
    let world = World::new();
    let problem = world.get("/api/v1/logs?limit=10001").await.problem();
    assert!(problem.detail.contains("1 to 10000"), "{}", problem.detail);
    let path = format!("/api/v1/logs?cursor=1-{CHECKOUT}");
    assert_eq!(world.get(&path).await.status, StatusCode::BAD_REQUEST);
    // U+FFFD itself may be asked for.
    let answer = world.get("/api/v1/logs?q=cart%EF%BF%BD").await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn routes_without_parameters_take_none() {
    let world = World::with_checkout().await;
    let trace = format!("traces/{CHECKOUT}");
    let of_trace = [
        trace.clone(),
        format!("{trace}/logs"),
        format!("{trace}/walk"),
    ];
    let others = ["services", "status", "health"].map(str::to_owned);
    for path in of_trace.into_iter().chain(others) {
        let plain = world.get(&format!("/api/v1/{path}?")).await;
        assert_eq!(plain.status, StatusCode::OK, "{path}");
        let answer = world.get(&format!("/api/v1/{path}?limit=1")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.problem().detail.contains("`limit`"));
    }
}

#[tokio::test]
async fn a_wrong_query_is_told_with_its_place_and_what_may_be_meant() {
    let world = World::new();
    for list in ["traces", "logs"] {
        let path = format!("/api/v1/{list}?q=service:cart+status:eror");
        let answer = world.get(&path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let problem = answer.problem();
        assert_eq!(problem.kind, "spanwalk:bad-query");
        assert_eq!(problem.position, Some(20), "{}", problem.detail);
        assert_eq!(problem.suggestion.as_deref(), Some("error"));
        assert!(problem.detail.contains("byte 20"), "{}", problem.detail);
    }
}

#[tokio::test]
async fn what_is_no_trace_id_or_not_stored_is_told() {
    let world = World::with_checkout().await;
    let zero = "0".repeat(32);
    for ending in ["", "/logs", "/walk"] {
        for id in ["abc", zero.as_str(), &"x".repeat(32), "%FF"] {
            let answer = world.get(&format!("/api/v1/traces/{id}{ending}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{id}{ending}");
            answer.problem();
        }
        let path = format!("/api/v1/traces/{}{ending}", "f".repeat(32));
        let answer = world.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let problem = answer.problem();
        assert_eq!(problem.kind, "spanwalk:no-such-trace");
        assert!(problem.detail.contains(&"f".repeat(32)));
    }
}

#[tokio::test]
async fn other_paths_and_methods_name_what_there_is() {
    let world = World::new();
    for path in [
        "/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/trace",
        "/api/v1/traces/",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let problem = answer.problem();
        assert_eq!(problem.kind, "spanwalk:no-such-path");
        assert!(problem.detail.contains("traces/{trace_id}/walk"));
    }
    let answer = ask_by(&world.router, "DELETE", "/api/v1/traces", &[]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "GET,HEAD");
    let problem = answer.problem();
    assert!(problem.detail.contains("DELETE") && problem.detail.contains("GET, HEAD"));
}

#[tokio::test]
async fn pages_of_other_hosts_are_kept_out_and_no_page_is_let_in() {
    let world = World::new();
    for headers in [
        [("host", "evil.example"), ("accept", "*/*")],
        [("origin", "http://evil.example"), ("accept", "*/*")],
    ] {
        for path in ["/api/v1/status", "/other"] {
            let answer = ask(&world.router, path, &headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
            let problem = answer.problem();
            assert_eq!(problem.kind, "spanwalk:foreign-host");
            assert!(problem.detail.contains("http://127.0.0.1:4320"));
        }
    }
    let origin = [("origin", "http://localhost:3000")];
    let answer = ask(&world.router, "/api/v1/status", &origin).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let answer = ask_by(&world.router, "OPTIONS", "/api/v1/status", &origin).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_store_that_cannot_read_is_an_error_with_its_words() {
    let router = Told::router(|| Arc::new(Unreadable::default()));
    let trace = format!("traces/{CHECKOUT}");
    for path in ["traces", "logs", trace.as_str(), &format!("{trace}/walk")] {
        let answer = ask(&router, &format!("/api/v1/{path}"), &[]).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let problem = answer.problem();
        assert_eq!(problem.kind, "spanwalk:store");
        assert!(problem.detail.contains("record 77"), "{}", problem.detail);
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_server_answers_on() {
    let is_first = AtomicBool::new(true);
    let router = Told::router(move || {
        assert!(!is_first.swap(false, Ordering::SeqCst), "of this test");
        Arc::new(Unreadable::default())
    });
    let answer = ask(&router, "/api/v1/status", &[]).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.problem().kind, "spanwalk:internal");
    let answer = ask(&router, "/api/v1/status", &[]).await;
    let _: Status = answer.json();
}

#[tokio::test]
async fn routes_that_are_added_stand_under_the_same_roof() {
    let world = World::new();
    let more = Router::new().route(
        "/api/v1/import",
        post(async || -> StatusCode { panic!("of this test") }),
    );
    let told = Told::new(|| Arc::new(Unreadable::default()));
    let router = router_with(told.state(Duration::from_mins(1)), more);
    let path = "/api/v1/import";
    let answer = ask_by(&router, "POST", path, &[]).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.problem().kind, "spanwalk:internal");
    let answer = ask(&router, path, &[]).await;
    assert_eq!(answer.header("allow"), "POST");
    assert!(answer.problem().detail.contains("POST"));
    let foreign = [("origin", "http://evil.example")];
    let answer = ask_by(&router, "POST", path, &foreign).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_search_that_runs_out_of_time_gives_what_it_has_and_says_so() {
    let router = Told::router_for(Duration::ZERO, || {
        Arc::new(Unreadable(Some(vec![TraceCandidate {
            start_ns: 5,
            trace_id: CHECKOUT.parse().unwrap(),
        }])))
    });
    let answer = ask(&router, "/api/v1/traces?q=service:cart", &[]).await;
    let page: SearchResponse = answer.json();
    assert!(page.traces.is_empty() && page.completeness.estimate);
    assert_eq!(page.completeness.cut, Some(CutReason::Timeout));
    assert_eq!(page.completeness.newest_ns, 9);
}

#[tokio::test]
async fn who_finds_every_place_taken_is_told_to_come_back() {
    let gate = Arc::new(RwLock::new(()));
    let closed = gate.write().await;
    let (begin, mut begun) = mpsc::channel(QUERIES_AT_ONCE);
    let is_open = Arc::new(AtomicBool::new(false));
    let (at_gate, lets_through) = (Arc::clone(&gate), Arc::clone(&is_open));
    let router = Told::router_for(Duration::ZERO, move || {
        if !lets_through.load(Ordering::SeqCst) {
            begin.blocking_send(()).unwrap();
            drop(at_gate.blocking_read());
        }
        Arc::new(Unreadable::default())
    });
    let queries: Vec<_> = (0..QUERIES_AT_ONCE)
        .map(|_| {
            let router = router.clone();
            tokio::spawn(async move { ask(&router, "/api/v1/traces", &[]).await })
        })
        .collect();
    for _ in 0..QUERIES_AT_ONCE {
        begun.recv().await.unwrap();
    }
    let answer = ask(&router, "/api/v1/logs", &[]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "1");
    let problem = answer.problem();
    assert_eq!(problem.kind, "spanwalk:busy");
    assert!(problem.detail.contains(&QUERIES_AT_ONCE.to_string()));
    // How the collector is can be asked all the same.
    is_open.store(true, Ordering::SeqCst);
    let _: Status = ask(&router, "/api/v1/status", &[]).await.json();
    drop(closed);
    for query in queries {
        query.await.unwrap();
    }
}
